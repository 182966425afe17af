# How every target is compiled: warnings, sanitizers, the linker and the compiler cache.

set(STAMPEDE_SANITIZE "" CACHE STRING "sanitizers for -fsanitize=, for example address,undefined")
option(STAMPEDE_FUZZ "build the fuzz targets (clang only)" OFF)

find_program(STAMPEDE_CCACHE ccache)
if(STAMPEDE_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${STAMPEDE_CCACHE})
endif()

find_program(STAMPEDE_MOLD mold)
if(STAMPEDE_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

# Not -Wnon-virtual-dtor: each error category derived from Boost's would trip over it. -Wall still
# warns where such an object is deleted.
add_library(stampede_options INTERFACE)
target_compile_options(stampede_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wold-style-cast -Wcast-align
  -Woverloaded-virtual -Wconversion -Wno-sign-conversion -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 reports false positives in the standard library and Boost once inlining is deep.
  target_compile_options(stampede_options INTERFACE
    -Wno-maybe-uninitialized -Wno-restrict -Wno-stringop-overflow -Wno-stringop-overread
    -Wno-array-bounds -Wno-dangling-pointer)
  if(CMAKE_UNITY_BUILD)
    # It takes a source that a unity file includes for a header.
    target_compile_options(stampede_options INTERFACE -Wno-subobject-linkage)
  endif()
endif()
target_include_directories(stampede_options INTERFACE ${PROJECT_SOURCE_DIR})

if(STAMPEDE_SANITIZE)
  add_compile_options(-fsanitize=${STAMPEDE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${STAMPEDE_SANITIZE})
  if(STAMPEDE_SANITIZE MATCHES "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # Asio's fences, which the sanitizer does not see, stand beside mutexes, which it does.
    add_compile_options(-Wno-tsan)
  endif()
endif()
