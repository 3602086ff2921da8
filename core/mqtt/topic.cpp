#include "core/mqtt/topic.h"

#include <algorithm>
#include <cstring>

namespace sessionscope {

namespace {

constexpr qsizetype longestString = 65'535;
constexpr QByteArrayView sharePrefix("$share/");

// Whether all eight bytes lie in 01..7F: the bulk of real text, eight bytes at a step.
bool isPlainAscii(quint64 eight)
{
    constexpr quint64 highBits = 0x8080808080808080;
    constexpr quint64 ones = 0x0101010101010101;
    return (((eight - ones) | eight) & highBits) == 0;
}

bool isContinuation(uchar byte)
{
    return (byte & 0xC0) == 0x80;
}

// Length of the well-formed multi-byte sequence at text, 0 when there is none (RFC 3629 table 3-7).
qsizetype sequenceLength(const uchar *text, qsizetype available)
{
    const uchar lead = text[0];
    const qsizetype length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || available < length)
        return 0;
    const uchar second = text[1];
    const uchar lowest = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    const uchar highest = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (second < lowest || second > highest)
        return 0;
    return std::all_of(text + 2, text + length, isContinuation) ? length : 0;
}

// Wildcards of a filter that is not a shared one: each fills a level, # the last one.
bool wildcardsStandRight(QByteArrayView filter)
{
    for (qsizetype i = 0; i < filter.size(); ++i) {
        if (filter[i] != '+' && filter[i] != '#')
            continue;
        const bool opensLevel = i == 0 || filter[i - 1] == '/';
        const bool isLast = i + 1 == filter.size();
        const bool closesLevel = isLast || (filter[i] == '+' && filter[i + 1] == '/');
        if (!opensLevel || !closesLevel)
            return false;
    }
    return true;
}

} // namespace

bool isMqttString(QByteArrayView text)
{
    if (text.size() > longestString)
        return false;
    const auto *at = reinterpret_cast<const uchar *>(text.data());
    const auto *const end = at + text.size();
    while (at != end) {
        if (end - at >= 8) {
            quint64 eight;
            std::memcpy(&eight, at, sizeof eight);
            if (isPlainAscii(eight)) {
                at += 8;
                continue;
            }
        }
        if (*at == 0)
            return false;
        const qsizetype length = *at < 0x80 ? 1 : sequenceLength(at, end - at);
        if (length == 0)
            return false;
        at += length;
    }
    return true;
}

bool isTopicName(QByteArrayView name)
{
    return !name.isEmpty() && name.size() <= longestString && !hasWildcard(name);
}

bool isTopicFilter(QByteArrayView filter)
{
    if (filter.isEmpty() || filter.size() > longestString)
        return false;
    if (!isSharedFilter(filter))
        return wildcardsStandRight(filter);
    const auto shared = parseSharedFilter(filter);
    return shared && wildcardsStandRight(shared->filter);
}

bool hasWildcard(QByteArrayView filter)
{
    return std::any_of(filter.begin(), filter.end(), [](char c) { return c == '+' || c == '#'; });
}

bool filterMatches(QByteArrayView filter, QByteArrayView name)
{
    const bool startsWithWildcard = filter.startsWith('+') || filter.startsWith('#');
    if (startsWithWildcard && name.startsWith('$'))
        return false;
    qsizetype f = 0;
    qsizetype n = 0;
    while (f < filter.size()) {
        if (filter[f] == '#')
            return true;
        if (filter[f] == '+') {
            while (n < name.size() && name[n] != '/')
                ++n;
            ++f;
        } else if (n < name.size() && filter[f] == name[n]) {
            ++f;
            ++n;
        } else {
            // "a/#" matches its parent "a" too.
            return n == name.size() && filter.sliced(f) == QByteArrayView("/#");
        }
    }
    return n == name.size();
}

std::optional<SharedFilter> parseSharedFilter(QByteArrayView filter)
{
    if (!isSharedFilter(filter))
        return std::nullopt;
    const auto rest = filter.sliced(sharePrefix.size());
    const auto slash = rest.indexOf('/');
    if (slash < 1 || slash + 1 == rest.size())
        return std::nullopt;
    const auto shareName = rest.first(slash);
    if (hasWildcard(shareName))
        return std::nullopt;
    return SharedFilter{shareName, rest.sliced(slash + 1)};
}

bool isSharedFilter(QByteArrayView filter)
{
    return filter.startsWith(sharePrefix);
}

} // namespace sessionscope
