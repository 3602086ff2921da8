#include "core/broker/delivery_queue.h"

#include <algorithm>
#include <utility>

namespace sessionscope {

namespace {
/// Below this many used-up slots at the front it is cheaper to leave them than to move the rest.
constexpr std::size_t smallestCompaction = 32;
} // namespace

void DeliveryQueue::append(QueuedDelivery entry)
{
    Q_ASSERT(entry.message);
    ++m_count;
    ++m_byQos[std::size_t(entry.qos)];
    m_bytes += copyBytes(entry);
    if (entry.message->expiresAt)
        m_earliestExpiry = std::min(m_earliestExpiry, *entry.message->expiresAt);
    m_entries.push_back(std::move(entry));
}

QueuedDelivery DeliveryQueue::takeFront()
{
    Q_ASSERT(!isEmpty());
    QueuedDelivery entry = std::move(m_entries[m_head++]);
    forget(entry);
    skipHoles();
    return entry;
}

std::optional<QueuedDelivery> DeliveryQueue::evictQos0()
{
    if (count(Qos::AtMostOnce) == 0)
        return {};
    m_qos0From = std::max(m_qos0From, m_head);
    while (!m_entries[m_qos0From].message || m_entries[m_qos0From].qos != Qos::AtMostOnce)
        ++m_qos0From;
    QueuedDelivery entry = std::move(m_entries[m_qos0From]);
    forget(entry);
    skipHoles();
    return entry;
}

/// Copies mostly expire in their order. Where they do not, a queue that stays full would be searched for every message.
std::vector<QueuedDelivery> DeliveryQueue::takeExpired(Instant now)
{
    std::vector<QueuedDelivery> expired;
    if (now < m_earliestExpiry)
        return expired;
    while (!isEmpty() && front().message->expiresAt && *front().message->expiresAt <= now)
        expired.push_back(takeFront());
    if (!expired.empty() || now < m_nextSearch)
        return expired;
    m_nextSearch = now + expirySearchInterval;
    m_earliestExpiry = Instant::max();
    for (auto &entry : m_entries) {
        if (!entry.message || !entry.message->expiresAt)
            continue;
        if (now < *entry.message->expiresAt) {
            m_earliestExpiry = std::min(m_earliestExpiry, *entry.message->expiresAt);
            continue;
        }
        forget(entry);
        expired.push_back(std::move(entry));
    }
    skipHoles();
    return expired;
}

std::vector<QueuedDelivery> DeliveryQueue::takeAll()
{
    std::vector<QueuedDelivery> all;
    all.reserve(std::size_t(m_count));
    for (auto &entry : m_entries) {
        if (entry.message)
            all.push_back(std::move(entry));
    }
    *this = {};
    return all;
}

void DeliveryQueue::forget(const QueuedDelivery &entry)
{
    --m_count;
    --m_byQos[std::size_t(entry.qos)];
    m_bytes -= copyBytes(entry);
}

void DeliveryQueue::skipHoles()
{
    if (m_count == 0) {
        *this = {};
        return;
    }
    while (!m_entries[m_head].message)
        ++m_head;
    if (m_head < smallestCompaction || m_head < m_entries.size() / 2)
        return;
    m_entries.erase(m_entries.begin(), m_entries.begin() + std::ptrdiff_t(m_head));
    m_qos0From -= std::min(m_qos0From, m_head);
    m_head = 0;
}

} // namespace sessionscope
