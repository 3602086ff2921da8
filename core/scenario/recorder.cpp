// What is kept while it happens; recording_writer.cpp makes the file of it.
#include "core/scenario/recorder.h"

#include "core/scenario/run_commands.h"
#include "core/scenario/write_command.h"

namespace sessionscope {

namespace {

/// Key of the client for what comes from elsewhere: no lab gives it out.
constexpr ClientKey othersKey{std::numeric_limits<quint32>::max()};

const ClientCommand *commandOf(const LabCommand &command)
{
    const auto *done = std::get_if<ClientDo>(&command);
    return done ? &done->command : nullptr;
}

/// A name that a file can use, after the one that the client has: letters, digits, - and _.
QString fileName(const QByteArray &name)
{
    QString result;
    for (const QChar one : QString::fromUtf8(name)) {
        const bool isPlain = (one.isLetterOrNumber() && one.unicode() < 0x80) || one == u'-' || one == u'_';
        result += isPlain ? one : QChar(u'-');
    }
    if (result.isEmpty() || !result.front().isLetter() || result == u"broker")
        result.prepend(QStringLiteral("client-"));
    while (result.endsWith(u'-'))
        result.chop(1);
    return result;
}

} // namespace

Recorder::Recorder(QString name, std::optional<Endpoint> bundled)
    : m_name(std::move(name)), m_bundled(std::move(bundled))
{
}

QString Recorder::passwordVariable(const QString &clientName)
{
    return clientName.toUpper().replace(u'-', u'_') + QStringLiteral("_PASSWORD");
}

QString Recorder::dataVariable(const QString &clientName, std::size_t number)
{
    return clientName.toUpper().replace(u'-', u'_') + QStringLiteral("_AUTH_%1").arg(number);
}

void Recorder::submitted(const LabCommand &command)
{
    m_submitted.push_back(command);
}

void Recorder::look(const TraceRecord &record)
{
    if (++m_seen > recordLimit)
        return;
    m_latest = record.at;
    const auto *fault = std::get_if<FaultTrace>(&record.what);
    if (m_changed.contains(record.cause) ||
        (fault && (fault->act == FaultAct::Duplicated || fault->act == FaultAct::Corrupted)))
        m_changed.insert(record.seq);
    if (const auto *command = std::get_if<CommandTrace>(&record.what)) {
        if (m_missed > 0)
            dropMissed(command->text);
        // What others ask of the lab, an authenticator for one, is not among the submitted ones.
        if (!m_submitted.empty() && commandText(m_submitted.front()) == command->text) {
            begin(m_submitted.front(), record.at);
            m_submitted.pop_front();
        }
        return;
    }
    if (const auto *note = std::get_if<ClientNote>(&record.what); note && isSeen(record.client)) {
        if (const auto *delivered = std::get_if<MessageDelivered>(&note->effect))
            takeDelivered(record, delivered->publish);
        if (std::holds_alternative<CommandRefused>(note->effect) && m_periods.back().client == record.client)
            m_periods.back().isRefused = true;
    }
    noteLink(record);
    Period &period = m_periods.back();
    period.rest.reset();
    period.lastSeen = record.at;
    Evidence &evidence = record.at - period.at < promptly ? period.prompt : period.later;
    evidence.lastReason = std::move(m_lastReason);
    evidence.look(record);
    m_lastReason = std::move(evidence.lastReason);
}

/// The records of commands may be among the missed ones: those in front of the one with this text have come to nothing
/// that was seen. Who the clients are counts all the same.
void Recorder::dropMissed(const QString &text)
{
    const auto shown =
        std::ranges::find_if(m_submitted, [&text](const LabCommand &one) { return commandText(one) == text; });
    if (shown == m_submitted.end())
        return;
    for (auto one = m_submitted.begin(); one != shown; ++one) {
        if (std::holds_alternative<AddClient>(*one) || std::holds_alternative<ConfigureClient>(*one))
            begin(*one, m_latest);
        else
            ++m_leftOut;
    }
    m_submitted.erase(m_submitted.begin(), shown);
}

void Recorder::look(const LabView &view)
{
    // What was under way when it began is not there when the file is played.
    const bool isAsArranged = m_underWay == 0 || m_periods.size() > m_arrangedPeriods;
    if (isAsArranged && view.at - m_latest >= restAfter)
        m_periods.back().rest = view;
}

void Recorder::begin(const LabCommand &command, Instant at)
{
    if (const auto *added = std::get_if<AddClient>(&command))
        return add(*added);
    const ClientKey client = clientOf(command);
    if (client.value && !isSeen(client))
        return;
    if (const auto *configured = std::get_if<ConfigureClient>(&command)) {
        m_clients[client].policy = configured->policy;
        takeAuthentication(m_clients[client], configured->authentication);
        return;
    }
    if (std::holds_alternative<RemoveClient>(command))
        return remove(client, at);
    if (m_periods.size() > stepLimit) {
        ++m_leftOut;
        return;
    }
    m_periods.push_back({.command = command, .client = client, .at = at});
    const ClientCommand *done = commandOf(command);
    if (!done)
        return;
    if (const auto *connect = std::get_if<ConnectCommand>(done)) {
        takeConnect(m_clients[client], connect->packet);
        std::get<ConnectCommand>(std::get<ClientDo>(*m_periods.back().command).command).packet.password.reset();
    } else if (const auto *publish = std::get_if<PublishCommand>(done)) {
        ++m_published[{publish->message.topic, publish->message.payload}];
    } else if (const auto *request = std::get_if<RequestCommand>(done)) {
        ++m_published[{request->message.topic, request->message.payload}];
    }
}

void Recorder::add(const AddClient &client)
{
    Recorded recorded{.name = fileName(client.name), .broker = client.broker, .policy = client.policy};
    takeAuthentication(recorded, client.authentication);
    const auto isTaken = [this, &client](const QString &name) {
        return std::ranges::any_of(m_clients, [&name, &client](const auto &one) {
            return one.first != client.key && one.second.name == name;
        });
    };
    const QString wanted = recorded.name;
    for (int number = 2; isTaken(recorded.name); ++number)
        recorded.name = wanted + QStringLiteral("-%1").arg(number);
    // A client that comes again has moved to another broker; it goes on under its name.
    recorded.hasPassword = recorded.hasPassword || m_clients[client.key].hasPassword;
    recorded.connects = std::move(m_clients[client.key].connects);
    m_clients[client.key] = std::move(recorded);
}

void Recorder::takeAuthentication(Recorded &client, const std::optional<Authentication> &authentication)
{
    client.method = authentication ? authentication->method : QByteArray();
    client.provedUser = authentication ? authentication->userName : QByteArray();
    client.scriptSize = authentication ? authentication->script.size() : 0;
    client.hasPassword = client.hasPassword || (authentication && client.scriptSize == 0);
}

/// What is left of a client whose profile is gone is that its connection broke.
void Recorder::remove(ClientKey client, Instant at)
{
    if (m_linked.contains(client) && m_periods.size() <= stepLimit)
        m_periods.push_back({.command = CutLink{client, CloseHow::Reset}, .client = client, .at = at});
}

void Recorder::noteLink(const TraceRecord &record)
{
    const auto *link = std::get_if<LinkTrace>(&record.what);
    if (!link || record.role != Role::Client)
        return;
    if (link->change == LinkChange::Opened)
        m_linked.insert(record.client);
    else if (endsConnection(link->change))
        m_linked.erase(record.client);
}

QStringList Recorder::passwordVariables() const
{
    QStringList names;
    for (const auto &[key, client] : m_clients) {
        if (client.hasPassword)
            names << passwordVariable(client.name);
    }
    return names;
}

QStringList Recorder::dataVariables() const
{
    QStringList names;
    for (const auto &[key, client] : m_clients) {
        for (std::size_t number = 1; number <= client.scriptSize; ++number)
            names << dataVariable(client.name, number);
    }
    return names;
}

bool Recorder::isBundledOnly() const
{
    return std::ranges::all_of(m_clients, [this](const auto &one) { return isBundled(one.second.broker); });
}

void Recorder::takeConnect(Recorded &client, ConnectPacket connect)
{
    client.hasPassword = client.hasPassword || connect.password.has_value();
    client.connects.push_back(connectNode(connect));
    if (connect.will)
        ++m_published[{connect.will->topic, connect.will->payload}];
}

/// One message more than the recorded clients published, and no second copy of one nor what a fault has made of one, is
/// somebody else's.
void Recorder::takeDelivered(const TraceRecord &record, const PublishPacket &publish)
{
    const Content content{publish.topic, publish.payload};
    const quint32 received = ++m_received[{record.client, content}];
    if (publish.dup || received <= m_published[content] || m_changed.contains(record.seq))
        return;
    m_published[content] = received;
    publishFromElsewhere(record, publish);
}

void Recorder::publishFromElsewhere(const TraceRecord &record, const PublishPacket &publish)
{
    if (!m_others.value) {
        m_others = othersKey;
        add({.key = m_others, .name = "others", .broker = m_clients[record.client].broker});
        ConnectPacket connect;
        connect.clientId = m_clients[m_others].name.toUtf8();
        takeConnect(m_clients[m_others], connect);
        m_periods.insert(m_periods.begin() + 1, {.command = ClientDo{m_others, ConnectCommand{connect}},
                                                 .client = m_others,
                                                 .at = m_periods[1].at,
                                                 .isInserted = true});
    }
    Message message{.topic = publish.topic, .payload = publish.payload, .qos = publish.qos, .retain = publish.retain};
    for (const Property &property : publish.properties) {
        if (property.id != PropertyId::SubscriptionIdentifier && property.id != PropertyId::TopicAlias)
            message.properties.append(property);
    }
    Period period{.command = ClientDo{m_others, PublishCommand{message}}, .client = m_others, .at = record.at};
    // What a connect or subscribe brought was there before it, and before both ends were last seen at rest.
    const Period &open = m_periods.back();
    const ClientCommand *done = open.command ? commandOf(*open.command) : nullptr;
    const bool brings =
        done && open.client == record.client && record.at - open.at < promptly &&
        (std::holds_alternative<ConnectCommand>(*done) || std::holds_alternative<ReconnectCommand>(*done) ||
         (std::holds_alternative<SubscribeCommand>(*done) && publish.retain));
    if (!brings) {
        m_periods.push_back(std::move(period));
        return;
    }
    Period &before = *(m_periods.end() - 2);
    period.isInserted = true;
    period.at = before.at;
    period.later = std::exchange(before.later, {});
    period.rest = std::exchange(before.rest, {});
    m_periods.insert(m_periods.end() - 1, std::move(period));
}

} // namespace sessionscope
