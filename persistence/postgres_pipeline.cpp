#include "persistence/postgres_pipeline.hpp"

#include "persistence/postgres_connection.hpp"

#include <array>

namespace persistence {

std::uint64_t postgres_result::number(int row, int column) const {
    std::uint64_t value = 0;
    for (char const byte : text(row, column)) {
        value = (value << 8U) | static_cast<unsigned char>(byte);
    }
    return value;
}

std::string_view postgres_result::text(int row, int column) const {
    return {PQgetvalue(result_.get(), row, column),
            static_cast<std::size_t>(PQgetlength(result_.get(), row, column))};
}

void postgres_pipeline::prepare(char const* name, char const* sql) {
    postgres_result const result(PQprepare(connection_, name, sql, 0, nullptr));
    if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) fail(result.get());
}

void postgres_pipeline::send(char const* name, std::initializer_list<std::string_view> parameters) {
    constexpr std::size_t most = 16;
    std::array<char const*, most> values{};
    std::array<int, most> lengths{};
    std::array<int, most> formats{};
    int count = 0;
    for (std::string_view const parameter : parameters) {
        auto const at = static_cast<std::size_t>(count++);
        values.at(at) = parameter.data();
        lengths[at] = static_cast<int>(parameter.size());
        formats[at] = 1;
    }
    if (PQpipelineStatus(connection_) == PQ_PIPELINE_OFF && PQenterPipelineMode(connection_) == 0) {
        fail(nullptr);
    }
    if (PQsendQueryPrepared(connection_, name, count, values.data(), lengths.data(), formats.data(),
                            1) == 0) {
        fail(nullptr);
    }
}

void postgres_pipeline::flush() {
    if (PQpipelineSync(connection_) == 0) fail(nullptr);
}

postgres_result postgres_pipeline::receive() {
    postgres_result result(PQgetResult(connection_));
    ExecStatusType const status = PQresultStatus(result.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) fail(result.get());
    // A null pointer ends the results of one statement.
    postgres_result const rest(PQgetResult(connection_));
    if (rest.get() != nullptr) fail(rest.get());
    return result;
}

void postgres_pipeline::finish() {
    postgres_result const result(PQgetResult(connection_));
    if (PQresultStatus(result.get()) != PGRES_PIPELINE_SYNC) fail(result.get());
    PQexitPipelineMode(connection_);
}

bool postgres_pipeline::reset() noexcept {
    if (PQpipelineStatus(connection_) != PQ_PIPELINE_OFF) {
        PQpipelineSync(connection_);
        // At most the results and the end marks of the statements of two turns.
        for (int i = 0; i != 64 && PQstatus(connection_) == CONNECTION_OK; ++i) {
            postgres_result const dropped(PQgetResult(connection_));
            if (PQresultStatus(dropped.get()) == PGRES_PIPELINE_SYNC &&
                PQexitPipelineMode(connection_) == 1) {
                break;
            }
        }
    }
    if (PQstatus(connection_) != CONNECTION_OK ||
        PQpipelineStatus(connection_) != PQ_PIPELINE_OFF) {
        return false;
    }
    if (PQtransactionStatus(connection_) == PQTRANS_IDLE) return true;
    postgres_result const undone(PQexec(connection_, "ROLLBACK"));
    return PQresultStatus(undone.get()) == PGRES_COMMAND_OK;
}

void postgres_pipeline::fail(PGresult const* result) {
    char const* state = result != nullptr ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : nullptr;
    failure kind = failure::refused;
    if (state != nullptr) {
        kind = failure_of_answer(result);
    } else if (result == nullptr || PQstatus(connection_) != CONNECTION_OK) {
        kind = failure::lost;
    }
    char const* text = result != nullptr ? PQresultErrorMessage(result) : nullptr;
    throw database_error(kind,
                         text != nullptr && *text != '\0' ? text : PQerrorMessage(connection_));
}

std::string bigint_parameter(std::uint64_t value) {
    std::string bytes(8, '\0');
    for (std::size_t i = 0; i != 8; ++i) {
        bytes[i] = static_cast<char>((value >> (56U - 8U * i)) & 0xffU);
    }
    return bytes;
}

}  // namespace persistence
