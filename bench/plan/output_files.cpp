#include "bench/plan/output_files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <system_error>

namespace bench {
namespace {

constexpr mode_t readable_by_all = 0666;  // less the user's mask

std::string cannot_write(output_file const& file, int why) {
    return fmt::format("{}: cannot write {}: {}", file.flag, file.path,
                       std::generic_category().message(why));
}

// 0 when it can be written, else errno.
int try_to_write(std::string const& path) {
    struct stat found {};
    bool const is_there = stat(path.c_str(), &found) == 0;
    // To open a pipe is to wait for its reader, who would see its end.
    if (is_there && S_ISFIFO(found.st_mode)) return access(path.c_str(), W_OK) == 0 ? 0 : errno;
    int const file = open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, readable_by_all);
    if (file < 0) return errno;
    if (!is_there) {
        // The file, not a link that led to it.
        std::error_code ignored;
        auto const made =
            std::filesystem::read_symlink(fmt::format("/proc/self/fd/{}", file), ignored);
        unlink(made.c_str());
    }
    close(file);
    return 0;
}

// Where a file is, whatever it is called. Nothing for a device or a pipe, which takes several.
std::optional<std::filesystem::path> place_of(std::string const& path) {
    std::error_code ignored;
    auto const kind = std::filesystem::status(path, ignored).type();
    bool const is_file = kind == std::filesystem::file_type::regular ||
                         kind == std::filesystem::file_type::not_found;
    if (!is_file) return std::nullopt;
    return std::filesystem::weakly_canonical(std::filesystem::absolute(path));
}

void check_not_the_same(output_file const& one, output_file const& other) {
    auto const place = place_of(one.path);
    if (!place || place != place_of(other.path)) return;
    throw std::invalid_argument(fmt::format("{} and {} are the same file, {}: one would be lost",
                                            one.flag, other.flag, other.path));
}

struct closer {
    void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};

}  // namespace

void check_outputs(std::vector<output_file> const& files) {
    for (auto at = files.begin(); at != files.end(); ++at) {
        if (at->path.empty()) continue;
        if (int const why = try_to_write(at->path); why != 0) {
            throw std::invalid_argument(cannot_write(*at, why));
        }
        for (auto before = files.begin(); before != at; ++before) {
            if (!before->path.empty()) check_not_the_same(*before, *at);
        }
    }
}

std::string write_output(output_file const& file, std::string const& text) {
    if (file.path.empty()) return {};
    std::unique_ptr<std::FILE, closer> const out(std::fopen(file.path.c_str(), "wbe"));
    if (!out) return cannot_write(file, errno);
    bool const written = std::fwrite(text.data(), 1, text.size(), out.get()) == text.size();
    if (!written || std::fflush(out.get()) != 0) return cannot_write(file, errno);
    return {};
}

}  // namespace bench
