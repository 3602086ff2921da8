// The receiver's rows of session-semantics §6: an id is free or held, and that alone decides.
#include "core/session/inbox.h"

namespace sessionscope {

void Inbox::connected(quint32 receiveMaximum)
{
    m_maximum = receiveMaximum;
    m_open = 0;
    m_unanswered.clear();
    m_held.forEach([](HeldMessage &row) { row.counted = false; });
}

void Inbox::clear()
{
    m_held.clear();
    m_unanswered.clear();
    m_open = 0;
}

/// One more id open on this connection, if the announced maximum has room for it.
bool Inbox::count()
{
    if (m_open >= m_maximum)
        return false;
    ++m_open;
    return true;
}

/// Answered, the same id is a new message whatever DUP says (MQTT-4.3.2-5, v3:MQTT-4.3.2-2).
Inbox::Arrival Inbox::arrivedQos1(PacketId id)
{
    const auto place = std::lower_bound(m_unanswered.begin(), m_unanswered.end(), id);
    if (place != m_unanswered.end() && *place == id)
        return Arrival::New;
    if (!count())
        return Arrival::OverQuota;
    m_unanswered.insert(place, id);
    return Arrival::New;
}

void Inbox::answeredQos1(PacketId id)
{
    const auto place = std::lower_bound(m_unanswered.begin(), m_unanswered.end(), id);
    if (place == m_unanswered.end() || *place != id)
        return;
    m_unanswered.erase(place);
    --m_open;
}

Inbox::Arrival Inbox::arrivedQos2(PacketId id, const QByteArray &topic, Instant now)
{
    const HeldMessage *row = m_held.find(id);
    if (row && row->counted)
        return Arrival::Repeat;
    return count() ? hold(id, topic, now) : Arrival::OverQuota;
}

Inbox::Arrival Inbox::holdBeyondMaximum(PacketId id, const QByteArray &topic, Instant now)
{
    ++m_open;
    return hold(id, topic, now);
}

/// Holds an id that was just counted.
Inbox::Arrival Inbox::hold(PacketId id, const QByteArray &topic, Instant now)
{
    if (HeldMessage *row = m_held.find(id)) {
        row->counted = true;
        return Arrival::Repeat;
    }
    if (id == PacketId{})
        --m_open;
    else
        m_held.append({id, true, topic, now});
    return Arrival::New;
}

// MQTT-4.3.3-9.
void Inbox::refused(PacketId id)
{
    released(id);
}

/// From here on the id is a new message's (MQTT-4.3.3-12, v3:MQTT-4.3.3-2).
bool Inbox::released(PacketId id)
{
    HeldMessage *row = m_held.find(id);
    if (!row)
        return false;
    if (row->counted)
        --m_open;
    m_held.remove(row);
    return true;
}

std::vector<HeldMessage> Inbox::held() const
{
    std::vector<HeldMessage> rows;
    rows.reserve(size_t(m_held.size()));
    m_held.forEach([&rows](const HeldMessage &row) { rows.push_back(row); });
    return rows;
}

} // namespace sessionscope
