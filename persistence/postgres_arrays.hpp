#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

// One-dimensional array parameters in PostgreSQL's binary form: no quoting, and nothing for the
// server to parse. (Format: src/backend/utils/adt/arrayfuncs.c, array_recv.)

namespace persistence {

class array_parameter {
public:
    static constexpr std::uint32_t bigint_oid = 20;
    static constexpr std::uint32_t text_oid = 25;

    array_parameter(std::uint32_t element_oid, std::size_t size_hint) {
        bytes_.reserve(20 + size_hint);
        put(1);  // dimensions
        put(0);  // whether there are nulls; put right by finish()
        put(element_oid);
        put(0);  // number of elements; put right by finish()
        put(1);  // lower bound
    }

    void add(std::uint64_t number) {
        put(8);
        put(static_cast<std::uint32_t>(number >> 32U));
        put(static_cast<std::uint32_t>(number));
        ++count_;
    }

    void add(std::string_view text) {
        put(static_cast<std::uint32_t>(text.size()));
        bytes_ += text;
        ++count_;
    }

    void add_null() {
        put(0xffffffffU);
        has_null_ = true;
        ++count_;
    }

    std::string const& finish() {
        overwrite(4, has_null_ ? 1 : 0);
        overwrite(12, count_);
        return bytes_;
    }

private:
    void put(std::uint32_t value) {
        std::size_t const at = bytes_.size();
        bytes_.resize(at + 4);
        overwrite(at, value);
    }

    void overwrite(std::size_t at, std::uint32_t value) {
        for (std::size_t i = 0; i != 4; ++i) {
            bytes_[at + i] = static_cast<char>((value >> (24U - 8U * i)) & 0xffU);
        }
    }

    std::string bytes_;
    std::uint32_t count_ = 0;
    bool has_null_ = false;
};

}  // namespace persistence
