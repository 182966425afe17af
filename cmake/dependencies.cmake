# Debian 12 packages only; scripts/install-dependencies names them.

find_package(Threads REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(simdjson REQUIRED)

pkg_check_modules(argon2 REQUIRED IMPORTED_TARGET libargon2)
pkg_check_modules(libpq REQUIRED IMPORTED_TARGET libpq)
pkg_check_modules(sqlite3 REQUIRED IMPORTED_TARGET sqlite3)
pkg_check_modules(libcurl REQUIRED IMPORTED_TARGET libcurl)
pkg_check_modules(hiredis REQUIRED IMPORTED_TARGET hiredis)
pkg_check_modules(jemalloc REQUIRED IMPORTED_TARGET jemalloc)
pkg_check_modules(librabbitmq REQUIRED IMPORTED_TARGET librabbitmq)
pkg_check_modules(prometheus REQUIRED IMPORTED_TARGET prometheus-cpp-core)

find_package(Boost 1.81 REQUIRED)

# Asio is compiled once, in asio_implementation.cpp, instead of in every file that uses it.
add_library(stampede_asio STATIC ${PROJECT_SOURCE_DIR}/cmake/asio_implementation.cpp)
target_compile_definitions(stampede_asio PUBLIC
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED BOOST_BEAST_SEPARATE_COMPILATION)
target_link_libraries(stampede_asio PUBLIC Boost::headers Threads::Threads)

add_library(stampede_soci INTERFACE)
target_include_directories(stampede_soci SYSTEM INTERFACE /usr/include/soci)
target_link_libraries(stampede_soci INTERFACE
  soci_core soci_postgresql soci_sqlite3 PkgConfig::libpq PkgConfig::sqlite3)
