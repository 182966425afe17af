#pragma once

#include <string>
#include <string_view>
#include <vector>

// The files that a run writes: tried before it, so that an hour is not lost to a slip of the hand,
// and each written for itself after it.

namespace bench {

struct output_file {
    std::string_view flag;  // "--json"
    std::string path;       // empty: nobody asked for it
};

// Throws std::invalid_argument with the flag, the path and the reason when a file cannot be
// written, or when two are the same. A file keeps what is in it; none is left that was not there.
void check_outputs(std::vector<output_file> const& files);

// Nothing when `text` is in the file, or when nobody asked for it; else what to tell.
std::string write_output(output_file const& file, std::string const& text);

}  // namespace bench
