// What the two ends of one session do not agree about: packets under way, and states that can no longer meet.
// A pure function of both views. An entry is no error by itself: while packets travel, the ends always differ a little.
#pragma once

#include "core/trace/session_view.h"

#include <QSet>
#include <QString>

namespace sessionscope {

/// Whose packet ids a difference is about: each direction has its own.
enum class IdSpace : quint8
{
    None,
    ClientSends,
    BrokerSends
};

struct Difference
{
    IdSpace space = IdSpace::None;
    PacketId packetId; ///< 0 when the difference is about the session as a whole
    QString what;      ///< one sentence
    bool operator==(const Difference &) const = default;
};

/// Nothing when both ends agree. Ids come first, in ascending order within their space.
QList<Difference> differences(const ClientView &client, const ServerSessionView *session);

/// The ids of one space that differ, for highlighting rows.
QSet<PacketId> differingIds(const QList<Difference> &all, IdSpace space);

} // namespace sessionscope
