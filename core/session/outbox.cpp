// The sender's rows of session-semantics §6 as a table, and what surrounds them: ids, quota and the order of resends.
#include "core/session/outbox.h"

namespace sessionscope {

namespace {

constexpr qsizetype identifiers = 65'535;

enum class Answer : quint8
{
    Good,
    Bad
};

/// What an open exchange does about an acknowledgement. A combination without a row is a protocol error [D-09].
struct Transition
{
    OutStage stage;
    PacketType arrived;
    Answer answer;
    AckOutcome::What what;
};

using enum AckOutcome::What;
using enum OutStage;

/// A row stays until its last answer has come (MQTT-4.3.2-3, MQTT-4.3.3-3, -5), and a refusal is one (MQTT-4.4.0-2).
constexpr Transition transitions[] = {
    {AwaitPuback, PacketType::Puback, Answer::Good, Completed},
    {AwaitPuback, PacketType::Puback, Answer::Bad, Completed},
    {AwaitPubrec, PacketType::Pubrec, Answer::Good, Proceeds},
    {AwaitPubrec, PacketType::Pubrec, Answer::Bad, Completed},  // no PUBREL (MQTT-4.3.3-4)
    {AwaitPubcomp, PacketType::Pubrec, Answer::Good, Proceeds}, // an answer, not a retransmission [D-08]
    {AwaitPubcomp, PacketType::Pubrec, Answer::Bad, Completed}, // the peer holds nothing under this id any more
    {AwaitPubcomp, PacketType::Pubcomp, Answer::Good, Completed},
    {AwaitPubcomp, PacketType::Pubcomp, Answer::Bad, Completed}, // 0x92: it was released before
};

AckOutcome::What outcomeOf(OutStage stage, PacketType arrived, Answer answer)
{
    for (const Transition &row : transitions)
        if (row.stage == stage && row.arrived == arrived && row.answer == answer)
            return row.what;
    return WrongType;
}

} // namespace

void Outbox::connected(quint32 sendMaximum)
{
    m_maximum = m_quota = sendMaximum;
    m_resendFrom = 0;
    m_pendingResends = quint32(m_rows.size());
    m_requests.clear();
    m_owedReleases.clear();
    std::vector<std::pair<quint64, PacketId>> releases;
    m_rows.forEach([&releases](OpenExchange &row) {
        row.tookQuota = false;
        row.resendPending = true;
        if (row.stage == AwaitPubcomp)
            releases.emplace_back(row.releaseOrder, row.packetId);
    });
    std::sort(releases.rbegin(), releases.rend());
    for (const auto &[order, id] : releases)
        m_owedReleases.push_back(id);
}

void Outbox::disconnected()
{
    m_quota = m_maximum = 0;
    m_requests.clear();
    m_owedReleases.clear();
}

std::vector<OpenExchange> Outbox::clear()
{
    std::vector<OpenExchange> dropped;
    dropped.reserve(size_t(m_rows.size()));
    m_rows.forEach([&dropped](OpenExchange &row) { dropped.push_back(std::move(row)); });
    m_rows.clear();
    m_requests.clear();
    m_owedReleases.clear();
    m_pendingResends = 0;
    m_bytes = 0;
    m_lastId = {};
    return dropped;
}

bool Outbox::canSend() const
{
    return m_quota > 0 && m_pendingResends == 0 && size() < maximumInFlight &&
           size() + qsizetype(m_requests.size()) < identifiers;
}

/// A new message gets a free identifier, goes out without DUP (MQTT-4.3.2-1, -2, MQTT-4.3.3-1, -2, v3:MQTT-2.3.1-2,
/// v3:MQTT-4.3.2-1, v3:MQTT-4.3.3-1) and costs one unit of quota (MQTT-4.9.0-2).
const OpenExchange &Outbox::open(Delivery delivery, quint64 token, Instant now)
{
    Q_ASSERT(canSend());
    Q_ASSERT(delivery.qos == Qos::AtLeastOnce || delivery.qos == Qos::ExactlyOnce);
    OpenExchange row;
    row.packetId = m_lastId = nextId();
    row.stage = delivery.qos == Qos::AtLeastOnce ? AwaitPuback : AwaitPubrec;
    row.order = m_nextOrder++;
    m_bytes += copyBytes(delivery);
    row.delivery = std::move(delivery);
    row.token = token;
    row.firstSent = now;
    row.tookQuota = true;
    --m_quota;
    return m_rows.append(std::move(row));
}

/// With the identifier of the first send (v3:MQTT-2.3.1-3), in its order (v3:MQTT-4.6.0-1), and never a PUBLISH after
/// PUBREL (MQTT-4.3.3-6, v3:MQTT-4.4.0-1).
const OpenExchange *Outbox::nextResend()
{
    while (m_pendingResends > 0) {
        OpenExchange *row = m_rows.firstNot([this](const OpenExchange &r) { return r.order < m_resendFrom; });
        if (!row)
            break;
        m_resendFrom = row->order;
        if (row->stage == AwaitPubcomp) {
            // The place in the order is this row's; whose PUBREL takes it is decided by the order of the PUBRECs.
            ++m_resendFrom;
            if (const OpenExchange *release = nextRelease())
                return release;
        } else if (!row->resendPending) {
            ++m_resendFrom;
        } else if (m_quota > 0) {
            ++m_resendFrom;
            --m_quota;
            row->tookQuota = true;
            return resend(*row);
        } else {
            break;
        }
    }
    return nextRelease();
}

const OpenExchange *Outbox::nextRelease()
{
    while (!m_owedReleases.empty()) {
        OpenExchange *row = m_rows.find(m_owedReleases.back());
        m_owedReleases.pop_back();
        if (row && row->resendPending)
            return resend(*row);
    }
    return nullptr;
}

const OpenExchange *Outbox::resend(OpenExchange &row)
{
    row.resendPending = false;
    --m_pendingResends;
    return &row;
}

AckOutcome Outbox::acknowledge(PacketType type, PacketId id, ReasonCode reason)
{
    const Answer answer = isFailure(reason) ? Answer::Bad : Answer::Good;
    OpenExchange *row = m_rows.find(id);
    if (!row) {
        if (isRequest(id))
            return {WrongType, {}, 0};
        const bool asksForRelease = type == PacketType::Pubrec && answer == Answer::Good;
        return {Unmatched, asksForRelease ? std::optional(ReasonCode::PacketIdentifierNotFound) : std::nullopt, 0};
    }
    AckOutcome outcome{outcomeOf(row->stage, type, answer), {}, row->token};
    if (outcome.what == Completed)
        close(*row);
    if (outcome.what == Proceeds) {
        outcome.pubrel = ReasonCode::Success;
        if (row->stage == AwaitPubrec)
            row->releaseOrder = m_nextOrder++;
        row->stage = AwaitPubcomp;
        if (row->resendPending)
            resend(*row);
    }
    return outcome;
}

void Outbox::drop(PacketId id)
{
    if (OpenExchange *row = m_rows.find(id))
        close(*row);
}

void Outbox::close(OpenExchange &row)
{
    if (row.resendPending)
        --m_pendingResends;
    if (row.tookQuota && m_quota < m_maximum)
        ++m_quota;
    m_bytes -= copyBytes(row.delivery);
    m_rows.remove(&row);
}

std::optional<PacketId> Outbox::openRequest()
{
    const PacketId id = nextId();
    if (id == PacketId{})
        return {};
    m_lastId = id;
    m_requests.insert(std::upper_bound(m_requests.begin(), m_requests.end(), id), id);
    return id;
}

bool Outbox::closeRequest(PacketId id)
{
    if (!isRequest(id))
        return false;
    m_requests.erase(std::lower_bound(m_requests.begin(), m_requests.end(), id));
    return true;
}

bool Outbox::isRequest(PacketId id) const
{
    return std::binary_search(m_requests.begin(), m_requests.end(), id);
}

bool Outbox::isInUse(PacketId id) const
{
    return m_rows.find(id) || isRequest(id);
}

std::vector<const OpenExchange *> Outbox::inOrder() const
{
    std::vector<const OpenExchange *> rows;
    rows.reserve(size_t(m_rows.size()));
    m_rows.forEach([&rows](const OpenExchange &row) { rows.push_back(&row); });
    return rows;
}

PacketId Outbox::nextId() const
{
    if (size() + qsizetype(m_requests.size()) >= identifiers)
        return {};
    PacketId id = m_lastId;
    do {
        id.value = id.value == identifiers ? 1 : quint16(id.value + 1);
    } while (isInUse(id));
    return id;
}

} // namespace sessionscope
