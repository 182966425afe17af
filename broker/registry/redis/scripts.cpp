#include "broker/registry/redis/scripts.hpp"

namespace broker::redis {

namespace {

// Shared by those that need it: the time, and the generation, made when there is none or when it is
// of another Redis process.
constexpr std::string_view generation_text = R"lua(
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local function generation(run_id, random)
  local g = redis.call('GET', 'stampede:generation')
  if not g or g:sub(1, #run_id) ~= run_id then
    g = run_id .. '.' .. string.format('%.0f', now) .. '.' .. random
    redis.call('SET', 'stampede:generation', g)
  end
  return g
end
)lua";

// node id, epoch, internal address, lease in ms, run id, random, our lease's value and token
// before, or ''
// -> generation, 1 if that lease was still ours, another's lease, 1 if our users were swept away
constexpr std::string_view join_text = R"lua(
local id, epoch, lease = ARGV[1], ARGV[2], tonumber(ARGV[4])
local key = 'stampede:node:' .. id
local had = redis.call('GET', key)
local before = redis.call('HGET', 'stampede:nodes', id)
if before then
  redis.call('ZADD', 'stampede:dead', now + lease, id .. '.' .. before:match('^%S+'))
end
redis.call('SET', key, epoch .. ' ' .. ARGV[3], 'PX', lease)
redis.call('HSET', 'stampede:nodes', id, epoch .. ' - 0')
local kept = 0
if had and had == ARGV[7] then kept = 1 end
local other = ''
if had and had ~= ARGV[7] then other = had end
return {generation(ARGV[5], ARGV[6]), kept, other,
        redis.call('EXISTS', 'stampede:swept:' .. ARGV[8])}
)lua";

// node id, our lease's value, lease in ms, grace in ms, run id, random, 1 if we are off the bus
// -> generation, its age in ms, 1 if the lease is ours, a token to sweep or '', how many others are
//    off the bus, then for each node: id, its lease or '', epoch, the generation it has confirmed
constexpr std::string_view tick_text = R"lua(
local g = generation(ARGV[5], ARGV[6])
local mine = 'stampede:node:' .. ARGV[1]
local ours = 0
if redis.call('GET', mine) == ARGV[2] then
  redis.call('PEXPIRE', mine, ARGV[3])
  ours = 1
end
local created = tonumber(g:match('%.(%d+)%.'))
local due = redis.call('ZRANGEBYSCORE', 'stampede:dead', '-inf', now, 'LIMIT', 0, 1)
redis.call('ZREMRANGEBYSCORE', 'stampede:off_bus', '-inf', now)
redis.call('ZREM', 'stampede:off_bus', ARGV[1])
local others_off_bus = redis.call('ZCARD', 'stampede:off_bus')
if ARGV[7] == '1' then redis.call('ZADD', 'stampede:off_bus', now + ARGV[3], ARGV[1]) end
local out = {g, math.max(0, now - created), ours, due[1] or '', others_off_bus}
local all = redis.call('HGETALL', 'stampede:nodes')
for i = 1, #all, 2 do
  local id = all[i]
  local epoch, confirmed, lost = all[i + 1]:match('^(%S+) (%S+) (%d+)$')
  lost = tonumber(lost)
  local lease = redis.call('GET', 'stampede:node:' .. id)
  if lease and lease:sub(1, #epoch) == epoch then
    if lost ~= 0 then
      redis.call('HSET', 'stampede:nodes', id, epoch .. ' ' .. confirmed .. ' 0')
    end
  else
    lease = ''
    if lost == 0 then
      redis.call('HSET', 'stampede:nodes', id,
                 epoch .. ' ' .. confirmed .. ' ' .. string.format('%.0f', now))
    elseif now - lost > tonumber(ARGV[4]) then
      redis.call('HDEL', 'stampede:nodes', id)
      redis.call('ZADD', 'stampede:dead', now, id .. '.' .. epoch)
      lease = nil
    end
  end
  if lease then
    out[#out + 1] = id
    out[#out + 1] = lease
    out[#out + 1] = epoch
    out[#out + 1] = confirmed
  end
end
return out
)lua";

// node id, our lease's value, generation, epoch, tokens we had before... -> 1, or 0: join again
constexpr std::string_view confirm_text = R"lua(
if redis.call('GET', 'stampede:node:' .. ARGV[1]) ~= ARGV[2] then return 0 end
if redis.call('GET', 'stampede:generation') ~= ARGV[3] then return 0 end
redis.call('HSET', 'stampede:nodes', ARGV[1], ARGV[4] .. ' ' .. ARGV[3] .. ' 0')
for i = 5, #ARGV do
  redis.call('ZADD', 'stampede:dead', 0, ARGV[i])
end
return 1
)lua";

// Takes `token` out of the tokens of `key`.
constexpr std::string_view take_out_text = R"lua(
local function take_out(key, token)
  local text = redis.call('GET', key)
  if not text then return end
  if text == token then
    redis.call('DEL', key)
    return
  end
  local kept = {}
  for each in text:gmatch('%S+') do
    if each ~= token then kept[#kept + 1] = each end
  end
  if #kept == 0 then
    redis.call('DEL', key)
  else
    redis.call('SET', key, table.concat(kept, ' '))
  end
end
)lua";

// node id, our lease's value, token, then pairs: key, '+' into it or '-' out of it or 's' a SockJS
// session that is ours unless another living node has it; or "@<session> <transport> <since>
// <user>", '+' or '-'
// -> 1, or 0 and nothing written: join again
constexpr std::string_view write_text = R"lua(
if redis.call('GET', 'stampede:node:' .. ARGV[1]) ~= ARGV[2] then return 0 end
local token = ARGV[3]
local held = 'stampede:held:' .. token
for i = 4, #ARGV, 2 do
  local key, what = ARGV[i], ARGV[i + 1]
  if key:sub(1, 1) == '@' then
    local field, user = key:match('^@(%S+ %S+ %S+) (.*)$')
    if what == '+' then
      redis.call('HSET', 'stampede:sessions:' .. user, field, token)
    else
      redis.call('HDEL', 'stampede:sessions:' .. user, field)
    end
  elseif what == '+' then
    local text = redis.call('GET', key)
    if not text then
      redis.call('SET', key, token)
    elseif not (' ' .. text .. ' '):find(' ' .. token .. ' ', 1, true) then
      redis.call('APPEND', key, ' ' .. token)
    end
    redis.call('SADD', held, key)
  elseif what == '-' then
    take_out(key, token)
    redis.call('SREM', held, key)
  else
    local owner = redis.call('GET', key)
    local id = owner and owner:match('^(.*)%.%x+$')
    if not id or id == ARGV[1] or redis.call('EXISTS', 'stampede:node:' .. id) == 0 then
      redis.call('SET', key, token)
      redis.call('SADD', held, key)
    end
  end
end
return 1
)lua";

// node id, our lease's value, token, then pairs: "<room> <user>", '+' or '-'
// -> for each pair 1 if that brought the user into the room or took the user out of it;
//    nothing if the lease is not ours: join again
constexpr std::string_view attend_text = R"lua(
if redis.call('GET', 'stampede:node:' .. ARGV[1]) ~= ARGV[2] then return {} end
local present = 'stampede:present:' .. ARGV[3]
local out = {}
for i = 4, #ARGV, 2 do
  local pair = ARGV[i]
  local room, user = pair:match('^(%S*) (.*)$')
  local counts, users = 'stampede:room:' .. room, 'channel:' .. room .. ':users'
  local changed = 0
  if ARGV[i + 1] == '+' then
    if redis.call('SADD', present, pair) == 1 and redis.call('HINCRBY', counts, user, 1) == 1 then
      redis.call('SADD', users, user)
      redis.call('DEL', 'stampede:gone:' .. pair)
      changed = 1
    end
  elseif redis.call('SREM', present, pair) == 1 and redis.call('HINCRBY', counts, user, -1) <= 0 then
    redis.call('HDEL', counts, user)
    redis.call('SREM', users, user)
    changed = 1
  end
  out[#out + 1] = changed
end
return out
)lua";

// for each user that was in a room: the token under which that was, "<room> <user>", '?' if an
// attend without an answer may have taken the user out -> 1 if nobody has told that the user is
// gone, nor will tell it by sweeping
constexpr std::string_view gone_text = R"lua(
local out = {}
for i = 1, #ARGV, 3 do
  local token, pair = ARGV[i], ARGV[i + 1]
  local room, user = pair:match('^(%S*) (.*)$')
  local present, swept = 'stampede:present:' .. token, 'stampede:swept:' .. token
  local known
  if ARGV[i + 2] == '?' then
    known = redis.call('SISMEMBER', present, pair) == 1
      or redis.call('SISMEMBER', 'stampede:told:' .. token, pair) == 1
  else
    known = redis.call('EXISTS', present, swept) > 0
  end
  known = known or redis.call('HEXISTS', 'stampede:room:' .. room, user) == 1
  local first = not known and redis.call('SET', 'stampede:gone:' .. pair, 1, 'NX', 'EX', 60)
  out[#out + 1] = first and 1 or 0
end
return out
)lua";

// session's key, node id, our lease's value, token -> the owner's token and lease; '' as its token:
// join again
constexpr std::string_view claim_text = R"lua(
local owner = redis.call('GET', ARGV[1])
local id = owner and owner:match('^(.*)%.%x+$')
if id and id ~= ARGV[2] then
  local lease = redis.call('GET', 'stampede:node:' .. id)
  if lease then return {owner, lease} end
end
if redis.call('GET', 'stampede:node:' .. ARGV[2]) ~= ARGV[3] then return {'', ''} end
redis.call('SET', ARGV[1], ARGV[4])
redis.call('SADD', 'stampede:held:' .. ARGV[4], ARGV[1])
return {ARGV[4], ARGV[3]}
)lua";

// session's key -> the owner's token and lease, '' for none
constexpr std::string_view owner_text = R"lua(
local owner = redis.call('GET', ARGV[1])
local id = owner and owner:match('^(.*)%.%x+$')
local lease = id and redis.call('GET', 'stampede:node:' .. id)
if lease then return {owner, lease} end
return {'', ''}
)lua";

// Calls `each` for every session of the user that is not of node `self`, takes out those whose node
// or its life is gone.
constexpr std::string_view sessions_text = R"lua(
local living = {}
local function lives(token)
  if living[token] == nil then
    local id, epoch = token:match('^(.*)%.(%x+)$')
    local lease = id and redis.call('GET', 'stampede:node:' .. id)
    living[token] = lease and lease:sub(1, #epoch + 1) == epoch .. ' ' or false
  end
  return living[token]
end
local function sessions(user, self, each)
  local key = 'stampede:sessions:' .. user
  local all = redis.call('HGETALL', key)
  for i = 1, #all, 2 do
    local field, token = all[i], all[i + 1]
    if not lives(token) then
      redis.call('HDEL', key, field)
    elseif token:match('^(.*)%.%x+$') ~= self then
      each(field, token)
    end
  end
end
)lua";

// node id, user, how many at most -> generation, how many there are, then of each: "<session>
// <transport> <since>", token
constexpr std::string_view find_text = R"lua(
local found, most = {}, tonumber(ARGV[3])
sessions(ARGV[2], ARGV[1], function(field, token) found[#found + 1] = {field, token} end)
local function since(one) return tonumber(one[1]:match('%d+$')) end
table.sort(found, function(a, b) return since(a) < since(b) end)
local out = {redis.call('GET', 'stampede:generation') or '', #found}
for i = 1, math.min(most, #found) do
  out[#out + 1] = found[i][1]
  out[#out + 1] = found[i][2]
end
return out
)lua";

// node id, users... -> generation, for each user how many
constexpr std::string_view count_text = R"lua(
local out = {redis.call('GET', 'stampede:generation') or ''}
for i = 2, #ARGV do
  local count = 0
  sessions(ARGV[i], ARGV[1], function() count = count + 1 end)
  out[#out + 1] = count
end
return out
)lua";

// token, how much at most, 'all' or 'present' -> how much that was, then room and user of each user
// that is gone from a room by it
constexpr std::string_view sweep_text = R"lua(
local token, most = ARGV[1], tonumber(ARGV[2])
local out = {0}
if ARGV[3] == 'all' then
  local keys = redis.call('SPOP', 'stampede:held:' .. token, most)
  for _, key in ipairs(keys) do
    take_out(key, token)
    local user = key:match('^stampede:user:(.*)$')
    local of = user and redis.call('HGETALL', 'stampede:sessions:' .. user) or {}
    for i = 1, #of, 2 do
      if of[i + 1] == token then redis.call('HDEL', 'stampede:sessions:' .. user, of[i]) end
    end
  end
  out[1] = #keys
end
local pairs_of = redis.call('SPOP', 'stampede:present:' .. token, most)
for _, pair in ipairs(pairs_of) do
  local room, user = pair:match('^(%S*) (.*)$')
  if redis.call('HINCRBY', 'stampede:room:' .. room, user, -1) <= 0 then
    redis.call('HDEL', 'stampede:room:' .. room, user)
    redis.call('SREM', 'channel:' .. room .. ':users', user)
    redis.call('SADD', 'stampede:told:' .. token, pair)
    out[#out + 1] = room
    out[#out + 1] = user
  end
end
if #pairs_of > 0 then redis.call('SET', 'stampede:swept:' .. token, 1, 'EX', 3600) end
if #out > 1 then redis.call('EXPIRE', 'stampede:told:' .. token, 3600) end
out[1] = out[1] + #pairs_of
if out[1] == 0 and ARGV[3] == 'all' then redis.call('ZREM', 'stampede:dead', token) end
return out
)lua";

// node id, our lease's value, token
constexpr std::string_view goodbye_text = R"lua(
if redis.call('GET', 'stampede:node:' .. ARGV[1]) == ARGV[2] then
  redis.call('DEL', 'stampede:node:' .. ARGV[1])
  redis.call('HDEL', 'stampede:nodes', ARGV[1])
end
redis.call('ZREM', 'stampede:off_bus', ARGV[1])
redis.call('ZADD', 'stampede:dead', 0, ARGV[3])
return 1
)lua";

// node id, number, how long it stays
constexpr std::string_view canary_text = R"lua(
redis.call('SET', 'stampede:canary:' .. ARGV[1], ARGV[2], 'PX', ARGV[3])
return 1
)lua";

std::string with(std::string_view shared, std::string_view own) {
    return std::string(shared).append(own);
}

}  // namespace

std::string text_of(script which) {
    switch (which) {
        case script::join: return with(generation_text, join_text);
        case script::tick: return with(generation_text, tick_text);
        case script::confirm: return std::string(confirm_text);
        case script::write: return with(take_out_text, write_text);
        case script::attend: return std::string(attend_text);
        case script::gone: return std::string(gone_text);
        case script::claim: return std::string(claim_text);
        case script::owner: return std::string(owner_text);
        case script::find: return with(sessions_text, find_text);
        case script::count: return with(sessions_text, count_text);
        case script::sweep: return with(take_out_text, sweep_text);
        case script::goodbye: return std::string(goodbye_text);
        case script::canary: return std::string(canary_text);
    }
    return {};
}

}  // namespace broker::redis
