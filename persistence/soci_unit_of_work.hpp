#pragma once

#include "chat/ports/unit_of_work.hpp"
#include "persistence/sql_session.hpp"

#include <string_view>

// The unit of work over SOCI, for both databases. Lives for one transaction, which the database
// thread has begun. What fails in the database is thrown as database_error through chat's work to
// that thread.

namespace persistence {

class soci_unit_of_work final : public chat::unit_of_work {
public:
    // `node`, the name of this node, outlives us.
    soci_unit_of_work(sql_session& session, bool outbox, std::string_view node)
        : session_(session), outbox_(outbox), node_(node) {}

    // unit_rooms.cpp
    chat::result<chat::room> create_room(chat::new_room const& fields) override;
    chat::result<chat::room> find_room(chat::room_id id) override;
    chat::result<chat::room> find_room_of_study(chat::study_id id) override;
    chat::result<chat::room> find_direct_room(chat::user_id first, chat::user_id second) override;
    chat::result<chat::room> open_direct_room(chat::user_id first, chat::user_id second) override;
    std::vector<chat::room> list_rooms(std::optional<chat::user_id> who, chat::room_id after,
                                       std::size_t limit) override;
    bool any_room() override;
    std::vector<std::uint64_t> last_seqs(std::vector<chat::room_id> const& rooms) override;

    // unit_members.cpp
    chat::result<chat::member> add_member(chat::room_id room, chat::user_id user,
                                          std::string_view nickname,
                                          chat::member_role role) override;
    chat::result<void> remove_member(chat::room_id room, chat::user_id user) override;
    chat::result<chat::member> find_member(chat::room_id room, chat::user_id user) override;
    std::vector<chat::member> list_members(chat::room_id room, chat::user_id after,
                                           std::size_t limit) override;
    chat::result<std::uint64_t> set_last_read(chat::room_id room, chat::user_id user,
                                              std::uint64_t seq) override;
    std::vector<chat::member> memberships_of(chat::user_id user) override;
    void remember_user(chat::user_id user, std::string_view nickname) override;
    chat::result<chat::user> find_user(chat::user_id user) override;

    // unit_messages.cpp
    chat::result<chat::stored_message> append(chat::new_message const& fields) override;
    std::vector<chat::stored_message> read_after(chat::room_id room, std::uint64_t seq,
                                                 std::size_t limit) override;
    std::vector<chat::stored_message> read_before(chat::room_id room, std::uint64_t seq,
                                                  std::size_t limit) override;

    // unit_direct.cpp
    std::vector<chat::stored_message> undelivered(chat::user_id user, chat::message_id after,
                                                  std::size_t limit) override;
    std::vector<chat::owed_message> newest_undelivered(
        std::vector<chat::user_id> const& users) override;
    std::vector<chat::stored_message> mark_delivered(
        chat::user_id user, std::vector<chat::message_place> const& messages) override;

    // unit_bans.cpp
    std::vector<chat::ban> list_bans() override;
    void put_ban(chat::ban const& what) override;
    bool lift_ban(std::string_view user) override;

    // unit_audit.cpp
    void record(chat::new_audit_entry const& what) override;
    std::vector<chat::audit_entry> read_audit(chat::audit_filter const& wanted,
                                              std::uint64_t before, std::size_t limit) override;
    std::size_t forget_audit(chat::timestamp before, std::size_t limit) override;

private:
    chat::result<chat::stored_message> find_earlier(chat::new_message const& fields);

    sql_session& session_;
    bool outbox_;
    std::string_view node_;
};

}  // namespace persistence
