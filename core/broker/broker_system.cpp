// The $SYS topics: the broker's figures as retained messages, under mosquitto's names where it has them.
// They exist only while somebody subscribes to them, so that a broker that nobody asks stays idle: the first
// subscription publishes them and starts the rounds, the last one to go takes them away. A round publishes what
// changed.
#include "core/broker/broker_step.h"

#include "core/mqtt/topic.h"

#include <cmath>
#include <functional>

namespace sessionscope {

namespace {

struct SystemTopic
{
    QByteArray topic;
    std::function<QByteArray(const Broker &broker, Instant now)> value;
};

/// A counter of which $SYS/broker/load tells how fast it grows.
struct Load
{
    const char *name;
    quint64 BrokerCounters::*counter;
};
constexpr Load loadRows[loadCount] = {
    {"connections", &BrokerCounters::connectionsAccepted}, {"messages/received", &BrokerCounters::packetsReceived},
    {"messages/sent", &BrokerCounters::packetsSent},       {"publish/received", &BrokerCounters::messagesReceived},
    {"publish/sent", &BrokerCounters::messagesDelivered},  {"publish/dropped", &BrokerCounters::messagesDropped},
    {"bytes/received", &BrokerCounters::bytesReceived},    {"bytes/sent", &BrokerCounters::bytesSent},
};

struct Window
{
    const char *name;
    double seconds;
};
constexpr Window windows[] = {{"1min", 60}, {"5min", 300}, {"15min", 900}};

/// What came since the last time counts for as much of a window as that is long.
void reckonLoads(Broker &broker, Instant now)
{
    const auto passed = std::chrono::duration<double>(now - broker.loadsAt.value_or(now)).count();
    const bool begins = !broker.loadsAt;
    if (!begins && passed <= 0)
        return;
    broker.loadsAt = now;
    for (std::size_t row = 0; row < loadCount; ++row) {
        LoadAverage &load = broker.loads[row];
        const quint64 count = broker.counters.*loadRows[row].counter;
        const double perMinute = begins ? 0 : double(count - load.before) * 60 / passed;
        load.before = count;
        for (std::size_t i = 0; i < std::size(windows); ++i) {
            const double weight = std::exp(-passed / windows[i].seconds);
            load.perMinute[i] = begins ? 0 : perMinute + weight * (load.perMinute[i] - perMinute);
        }
    }
}

QByteArray inFlight(const Broker &broker, Instant)
{
    qsizetype open = 0;
    for (const auto &session : broker.sessions)
        open += session->messagesOrNone().outbox.size();
    return QByteArray::number(open);
}

template<auto Counter> QByteArray counted(const Broker &broker, Instant)
{
    return QByteArray::number(broker.counters.*Counter);
}

template<DropCause Cause> QByteArray droppedFor(const Broker &broker, Instant)
{
    return QByteArray::number(broker.counters.droppedByCause[std::size_t(Cause)]);
}

struct Kept
{
    qsizetype count = 0;
    qsizetype bytes = 0;
};
/// The retained messages without these figures themselves.
Kept keptForClients(const Broker &broker, Instant now);

QByteArray stored(const Broker &broker, Instant now)
{
    return QByteArray::number(broker.queuedMessages + keptForClients(broker, now).count);
}

std::vector<SystemTopic> allSystemTopics()
{
    std::vector<SystemTopic> topics{
        {"$SYS/broker/version",
         [](const Broker &, Instant) { return QByteArray("sessionscope version " SESSIONSCOPE_VERSION); }},
        {"$SYS/broker/uptime",
         [](const Broker &, Instant now) {
             const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now - Instant()).count();
             return QByteArray::number(qint64(seconds)) + " seconds";
         }},
        {"$SYS/broker/clients/total",
         [](const Broker &b, Instant) { return QByteArray::number(qint64(b.sessions.size())); }},
        {"$SYS/broker/clients/connected",
         [](const Broker &b, Instant) { return QByteArray::number(b.connectedSessions); }},
        {"$SYS/broker/clients/disconnected",
         [](const Broker &b, Instant) {
             return QByteArray::number(qsizetype(b.sessions.size()) - b.connectedSessions);
         }},
        {"$SYS/broker/clients/maximum",
         [](const Broker &b, Instant) { return QByteArray::number(b.mostConnectedSessions); }},
        {"$SYS/broker/clients/expired", counted<&BrokerCounters::sessionsExpired>},
        {"$SYS/broker/connections/accepted", counted<&BrokerCounters::connectionsAccepted>},
        {"$SYS/broker/connections/refused", counted<&BrokerCounters::connectionsRefused>},
        {"$SYS/broker/subscriptions/count",
         [](const Broker &b, Instant) { return QByteArray::number(b.subscriptions.size()); }},
        {"$SYS/broker/retained messages/count",
         [](const Broker &b, Instant now) { return QByteArray::number(keptForClients(b, now).count); }},
        {"$SYS/broker/shared_subscriptions/count",
         [](const Broker &b, Instant) { return QByteArray::number(b.sharedSubscriptions); }},
        {"$SYS/broker/messages/inflight", inFlight},
        {"$SYS/broker/messages/stored", stored}, // as mosquitto called it before
        {"$SYS/broker/store/messages/count", stored},
        {"$SYS/broker/store/messages/bytes",
         [](const Broker &b, Instant now) { return QByteArray::number(b.queuedBytes + keptForClients(b, now).bytes); }},
        {"$SYS/broker/queued/messages/count",
         [](const Broker &b, Instant) { return QByteArray::number(b.queuedMessages); }},
        {"$SYS/broker/queued/messages/bytes",
         [](const Broker &b, Instant) { return QByteArray::number(b.queuedBytes); }},
        {"$SYS/broker/messages/received", counted<&BrokerCounters::packetsReceived>},
        {"$SYS/broker/messages/sent", counted<&BrokerCounters::packetsSent>},
        {"$SYS/broker/bytes/received", counted<&BrokerCounters::bytesReceived>},
        {"$SYS/broker/bytes/sent", counted<&BrokerCounters::bytesSent>},
        {"$SYS/broker/publish/messages/received", counted<&BrokerCounters::messagesReceived>},
        {"$SYS/broker/publish/messages/sent", counted<&BrokerCounters::messagesDelivered>},
        {"$SYS/broker/publish/bytes/received", counted<&BrokerCounters::payloadBytesReceived>},
        {"$SYS/broker/publish/bytes/sent", counted<&BrokerCounters::payloadBytesDelivered>},
        {"$SYS/broker/publish/messages/dropped", counted<&BrokerCounters::messagesDropped>},
        {"$SYS/broker/publish/messages/dropped/queue full", droppedFor<DropCause::QueueFull>},
        {"$SYS/broker/publish/messages/dropped/expired", droppedFor<DropCause::Expired>},
        {"$SYS/broker/publish/messages/dropped/too large", droppedFor<DropCause::TooLargeForReceiver>},
        {"$SYS/broker/publish/messages/dropped/QoS 0 offline", droppedFor<DropCause::QosZeroOffline>},
        {"$SYS/broker/publish/messages/dropped/QoS 0 blocked", droppedFor<DropCause::QosZeroBlocked>},
        {"$SYS/broker/publish/messages/dropped/refused", droppedFor<DropCause::RefusedByReceiver>},
        {"$SYS/broker/publish/messages/dropped/not authorized", droppedFor<DropCause::NotAuthorized>},
    };
    for (std::size_t row = 0; row < loadCount; ++row) {
        for (std::size_t i = 0; i < std::size(windows); ++i)
            topics.push_back({QByteArray("$SYS/broker/load/") + loadRows[row].name + '/' + windows[i].name,
                              [row, i](const Broker &broker, Instant) {
                                  return QByteArray::number(broker.loads[row].perMinute[i], 'f', 2);
                              }});
    }
    return topics;
}

const std::vector<SystemTopic> &systemTopics()
{
    static const std::vector<SystemTopic> topics = allSystemTopics();
    return topics;
}

Kept keptForClients(const Broker &broker, Instant now)
{
    Kept kept{broker.retained.size(), broker.retained.bytes()};
    for (const SystemTopic &row : systemTopics()) {
        if (const MessagePtr figure = broker.retained.find(row.topic, now)) {
            --kept.count;
            kept.bytes -= retainedBytes(*figure);
        }
    }
    return kept;
}

} // namespace

bool isSystemFilter(QByteArrayView filter)
{
    const auto shared = parseSharedFilter(filter);
    return isSystemTopic(shared ? shared->filter : filter);
}

void BrokerStep::systemSubscribed(QByteArrayView filter)
{
    if (isSystemFilter(filter))
        ++m_broker.systemSubscriptions;
}

void BrokerStep::systemUnsubscribed(QByteArrayView filter)
{
    if (isSystemFilter(filter) && --m_broker.systemSubscriptions == 0)
        forgetSystemTopics();
}

void BrokerStep::forgetSystemTopics()
{
    m_broker.systemDueAt.reset();
    m_broker.loadsAt.reset();
    for (const SystemTopic &row : systemTopics())
        m_broker.retained.remove(row.topic);
}

/// QoS 0: the next round says it again, and nothing piles up for a subscriber who is away.
void BrokerStep::publishSystemTopics()
{
    const auto interval = m_broker.config.systemInterval;
    m_broker.systemDueAt.reset();
    if (interval <= std::chrono::seconds::zero())
        return;
    m_broker.systemDueAt = m_now + interval;
    reckonLoads(m_broker, m_now);
    // All figures first: publishing them moves some.
    std::vector<MessagePtr> changed;
    for (const SystemTopic &row : systemTopics()) {
        const QByteArray payload = row.value(m_broker, m_now);
        const MessagePtr before = m_broker.retained.find(row.topic, m_now);
        if (before && before->payload == payload)
            continue;
        auto message = std::make_shared<Message>();
        message->topic = row.topic;
        message->payload = payload;
        message->retain = true;
        changed.push_back(std::move(message));
    }
    for (const MessagePtr &message : changed) {
        m_broker.retained.set(message);
        route(message, nullptr);
    }
}

} // namespace sessionscope
