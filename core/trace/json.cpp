#include "core/trace/json.h"

#include "core/trace/text.h"

#include <QJsonArray>

namespace sessionscope {

namespace {

QString utf8(const QByteArray &bytes)
{
    return QString::fromUtf8(bytes);
}

/// snake_case for the standard's "Session Expiry Interval".
QString key(const char *name)
{
    return QString::fromLatin1(name).toLower().replace(u' ', u'_');
}

QJsonValue number(qint64 value)
{
    return QJsonValue(value);
}

void insertBytes(QJsonObject &object, const QString &name, const QByteArray &bytes)
{
    const QString asText = utf8(bytes);
    if (asText.toUtf8() == bytes)
        object.insert(name, asText);
    else
        object.insert(name + QStringLiteral("_base64"), QString::fromLatin1(bytes.toBase64()));
}

QJsonValue secondsLeft(const std::optional<Instant> &deadline, Instant now)
{
    if (!deadline)
        return QJsonValue::Null;
    return std::chrono::duration<double>(*deadline - now).count();
}

QJsonValue expiry(quint32 seconds)
{
    return seconds == sessionNeverExpires ? QJsonValue(QStringLiteral("never")) : number(seconds);
}

double ageOf(Instant since, Instant now)
{
    return std::chrono::duration<double>(now - since).count();
}

template<class Row, class Make> QJsonArray arrayOf(const QList<Row> &rows, Make make)
{
    QJsonArray array;
    for (const Row &row : rows)
        array.append(make(row));
    return array;
}

QJsonObject listOf(const QJsonArray &rows, qsizetype total)
{
    return {{QStringLiteral("total"), number(total)}, {QStringLiteral("rows"), rows}};
}

QJsonArray exchanges(const QList<ExchangeView> &rows, Instant now)
{
    return arrayOf(rows, [now](const ExchangeView &row) {
        QJsonObject object{{QStringLiteral("packet_id"), row.packetId.value},
                           {QStringLiteral("qos"), int(row.qos)},
                           {QStringLiteral("waits_for"), QString::fromLatin1(packetTypeName(row.waitsFor))},
                           {QStringLiteral("payload_size"), number(row.payloadSize)},
                           {QStringLiteral("age"), ageOf(row.since, now)},
                           {QStringLiteral("resend_pending"), row.resendPending}};
        insertBytes(object, QStringLiteral("topic"), row.topic);
        return object;
    });
}

QJsonArray heldRows(const QList<HeldView> &rows, Instant now)
{
    return arrayOf(rows, [now](const HeldView &row) {
        QJsonObject object{{QStringLiteral("packet_id"), row.packetId.value},
                           {QStringLiteral("age"), ageOf(row.since, now)}};
        insertBytes(object, QStringLiteral("topic"), row.topic);
        return object;
    });
}

QJsonArray queuedRows(const QList<QueuedView> &rows, Instant now)
{
    return arrayOf(rows, [now](const QueuedView &row) {
        QJsonObject object{{QStringLiteral("qos"), int(row.qos)},
                           {QStringLiteral("payload_size"), number(row.payloadSize)},
                           {QStringLiteral("expires_in"), secondsLeft(row.expiresAt, now)}};
        insertBytes(object, QStringLiteral("topic"), row.topic);
        return object;
    });
}

void insertOptions(QJsonObject &object, const SubscriptionOptions &options)
{
    object.insert(QStringLiteral("qos"), int(options.maximumQos));
    object.insert(QStringLiteral("no_local"), options.noLocal);
    object.insert(QStringLiteral("retain_as_published"), options.retainAsPublished);
    object.insert(QStringLiteral("retain_handling"), int(options.retainHandling));
}

QJsonArray subscriptionRows(const QList<SubscriptionView> &rows)
{
    return arrayOf(rows, [](const SubscriptionView &row) {
        QJsonObject object;
        insertBytes(object, QStringLiteral("filter"), row.filter);
        insertOptions(object, row.options);
        if (row.identifier)
            object.insert(QStringLiteral("subscription_identifier"), number(*row.identifier));
        return object;
    });
}

QJsonObject flowObject(const FlowView &flow)
{
    return {{QStringLiteral("send_quota"), number(flow.sendQuota)},
            {QStringLiteral("send_maximum"), number(flow.sendMaximum)},
            {QStringLiteral("receive_open"), number(flow.receiveOpen)},
            {QStringLiteral("receive_maximum"), number(flow.receiveMaximum)},
            {QStringLiteral("next_packet_id"), flow.nextPacketId.value}};
}

QString connectionName(ClientConnection connection)
{
    switch (connection) {
    case ClientConnection::Closed:
        return QStringLiteral("closed");
    case ClientConnection::Opening:
        return QStringLiteral("opening");
    case ClientConnection::AwaitConnack:
        return QStringLiteral("await_connack");
    case ClientConnection::Connected:
        return QStringLiteral("connected");
    case ClientConnection::Closing:
        return QStringLiteral("closing");
    }
    return {};
}

QJsonArray propertyRows(const Properties &properties)
{
    QJsonArray array;
    for (const Property &property : properties) {
        const auto *info = propertyInfo(property.id);
        const QString name = info ? key(info->name) : QString::number(quint8(property.id));
        QJsonObject object;
        if (property.id == PropertyId::AuthenticationData)
            object.insert(name, QStringLiteral("(hidden)"));
        else if (const auto *integer = std::get_if<quint32>(&property.value))
            object.insert(name, number(*integer));
        else if (const auto *bytes = std::get_if<QByteArray>(&property.value))
            insertBytes(object, name, *bytes);
        else if (const auto *pair = std::get_if<StringPair>(&property.value))
            object.insert(name, QJsonArray{utf8(pair->name), utf8(pair->value)});
        array.append(object);
    }
    return array;
}

void insertReason(QJsonObject &object, quint8 reason, const QString &words)
{
    object.insert(QStringLiteral("reason_code"), int(reason));
    object.insert(QStringLiteral("reason"), words);
}

QJsonArray reasonArray(const QList<ReasonCode> &reasons)
{
    QJsonArray array;
    for (const ReasonCode reason : reasons)
        array.append(int(reason));
    return array;
}

void fill(QJsonObject &object, const ConnectPacket &connect, Version)
{
    insertBytes(object, QStringLiteral("client_id"), connect.clientId);
    object.insert(QStringLiteral("protocol_level"), int(connect.protocolLevel));
    object.insert(QStringLiteral("clean_start"), connect.cleanStart);
    object.insert(QStringLiteral("keep_alive"), int(connect.keepAlive));
    if (connect.userName)
        insertBytes(object, QStringLiteral("user_name"), *connect.userName);
    object.insert(QStringLiteral("has_password"), connect.password.has_value());
    if (!connect.will)
        return;
    QJsonObject will{{QStringLiteral("qos"), int(connect.will->qos)},
                     {QStringLiteral("retain"), connect.will->retain},
                     {QStringLiteral("properties"), propertyRows(connect.will->properties)}};
    insertBytes(will, QStringLiteral("topic"), connect.will->topic);
    insertBytes(will, QStringLiteral("payload"), connect.will->payload);
    object.insert(QStringLiteral("will"), will);
}

void fill(QJsonObject &object, const ConnackPacket &connack, Version version)
{
    object.insert(QStringLiteral("session_present"), connack.sessionPresent);
    insertReason(object, connack.reason, connackReasonText(connack.reason, version));
}

void fill(QJsonObject &object, const PublishPacket &publish, Version)
{
    insertBytes(object, QStringLiteral("topic"), publish.topic);
    insertBytes(object, QStringLiteral("payload"), publish.payload);
    object.insert(QStringLiteral("qos"), int(publish.qos));
    object.insert(QStringLiteral("dup"), publish.dup);
    object.insert(QStringLiteral("retain"), publish.retain);
}

void fill(QJsonObject &object, const AckPacket &ack, Version)
{
    insertReason(object, quint8(ack.reason), reasonText(ack.reason, ack.type));
}

void fill(QJsonObject &object, const SubscribePacket &subscribe, Version)
{
    QJsonArray entries;
    for (const auto &entry : subscribe.entries) {
        QJsonObject row;
        insertBytes(row, QStringLiteral("filter"), entry.filter);
        insertOptions(row, entry.options);
        entries.append(row);
    }
    object.insert(QStringLiteral("subscriptions"), entries);
}

void fill(QJsonObject &object, const SubackPacket &suback, Version)
{
    object.insert(QStringLiteral("reason_codes"), reasonArray(suback.reasons));
}

void fill(QJsonObject &object, const UnsubscribePacket &unsubscribe, Version)
{
    QJsonArray filters;
    for (const auto &filter : unsubscribe.filters)
        filters.append(utf8(filter));
    object.insert(QStringLiteral("filters"), filters);
}

void fill(QJsonObject &object, const UnsubackPacket &unsuback, Version)
{
    object.insert(QStringLiteral("reason_codes"), reasonArray(unsuback.reasons));
}

void fill(QJsonObject &, const PingreqPacket &, Version) {}

void fill(QJsonObject &, const PingrespPacket &, Version) {}

void fill(QJsonObject &object, const DisconnectPacket &disconnect, Version)
{
    insertReason(object, quint8(disconnect.reason), reasonText(disconnect.reason, PacketType::Disconnect));
}

void fill(QJsonObject &object, const AuthPacket &auth, Version)
{
    insertReason(object, quint8(auth.reason), reasonText(auth.reason, PacketType::Auth));
}

const char *kindName(const TraceEvent &what)
{
    static constexpr const char *names[] = {"packet", "link", "fault", "command", "finding", "client", "broker"};
    static_assert(std::size(names) == std::variant_size_v<TraceEvent>);
    return names[what.index()];
}

} // namespace

QJsonObject toJson(const ClientView &view, Instant now)
{
    QJsonObject object{
        {QStringLiteral("name"), utf8(view.name)},
        {QStringLiteral("broker"), view.broker},
        {QStringLiteral("connection"), connectionName(view.connection)},
        {QStringLiteral("connect"), toJson(Packet{view.connect, {}}, Version(view.connect.protocolLevel))},
        {QStringLiteral("session"), QJsonValue::Null},
        {QStringLiteral("connack"), QJsonValue::Null},
        {QStringLiteral("sent"), listOf(exchanges(view.sent, now), view.sentTotal)},
        {QStringLiteral("held"), listOf(heldRows(view.held, now), view.heldTotal)},
        {QStringLiteral("never_sent"), listOf(queuedRows(view.neverSent, now), view.neverSentTotal)},
        {QStringLiteral("subscriptions"), subscriptionRows(view.subscriptions)},
        {QStringLiteral("flow"), flowObject(view.flow)},
        {QStringLiteral("delivered"), number(qint64(view.delivered))}};
    if (view.connack)
        object.insert(QStringLiteral("connack"),
                      toJson(Packet{*view.connack, {}}, Version(view.connect.protocolLevel)));
    if (view.record) {
        QJsonObject record{{QStringLiteral("session_expiry_interval"), expiry(view.record->sessionExpiryInterval)},
                           {QStringLiteral("ends_in"), secondsLeft(view.record->endsAt, now)},
                           {QStringLiteral("age"), ageOf(view.record->since, now)},
                           {QStringLiteral("resumed_times"), number(view.record->resumedTimes)}};
        insertBytes(record, QStringLiteral("client_id"), view.record->clientId);
        object.insert(QStringLiteral("session"), record);
    }
    return object;
}

QJsonObject toJson(const ServerSessionView &view, Instant now)
{
    QJsonObject object{
        {QStringLiteral("protocol_level"), int(view.version)},
        {QStringLiteral("connected"), view.connected},
        {QStringLiteral("session_expiry_interval"), expiry(view.sessionExpiryInterval)},
        {QStringLiteral("ends_in"), secondsLeft(view.endsAt, now)},
        {QStringLiteral("subscriptions"), listOf(subscriptionRows(view.subscriptions), view.subscriptionsTotal)},
        {QStringLiteral("sent"), listOf(exchanges(view.sent, now), view.sentTotal)},
        {QStringLiteral("queued"), listOf(queuedRows(view.queued, now), view.queuedTotal)},
        {QStringLiteral("held"), listOf(heldRows(view.held, now), view.heldTotal)},
        {QStringLiteral("will"), QJsonValue::Null},
        {QStringLiteral("flow"), flowObject(view.flow)},
        {QStringLiteral("dropped"), number(qint64(view.dropped))}};
    insertBytes(object, QStringLiteral("client_id"), view.clientId);
    if (view.will) {
        QJsonObject will{{QStringLiteral("qos"), int(view.will->qos)},
                         {QStringLiteral("retain"), view.will->retain},
                         {QStringLiteral("payload_size"), number(view.will->payloadSize)},
                         {QStringLiteral("delay_interval"), number(view.will->delayInterval)},
                         {QStringLiteral("due_in"), secondsLeft(view.will->dueAt, now)}};
        insertBytes(will, QStringLiteral("topic"), view.will->topic);
        object.insert(QStringLiteral("will"), will);
    }
    return object;
}

QJsonObject toJson(const BrokerView &view, Instant now)
{
    const auto &counters = view.counters;
    return {{QStringLiteral("url"), view.url},
            {QStringLiteral("listening"), view.listening},
            {QStringLiteral("store_works"), view.store == StoreState::Working},
            {QStringLiteral("sessions"),
             listOf(arrayOf(view.sessions, [now](const ServerSessionView &row) { return toJson(row, now); }),
                    view.sessionsTotal)},
            {QStringLiteral("connected"), number(view.connectedTotal)},
            {QStringLiteral("queued"), number(view.queuedTotal)},
            {QStringLiteral("retained"), number(view.retainedTotal)},
            {QStringLiteral("counters"),
             QJsonObject{{QStringLiteral("packets_received"), number(qint64(counters.packetsReceived))},
                         {QStringLiteral("messages_received"), number(qint64(counters.messagesReceived))},
                         {QStringLiteral("messages_delivered"), number(qint64(counters.messagesDelivered))},
                         {QStringLiteral("messages_dropped"), number(qint64(counters.messagesDropped))},
                         {QStringLiteral("sessions_expired"), number(qint64(counters.sessionsExpired))},
                         {QStringLiteral("connections_accepted"), number(qint64(counters.connectionsAccepted))},
                         {QStringLiteral("connections_refused"), number(qint64(counters.connectionsRefused))}}}};
}

QJsonObject toJson(const LabView &view)
{
    return {{QStringLiteral("at"), std::chrono::duration<double>(view.at.time_since_epoch()).count()},
            {QStringLiteral("clients"),
             arrayOf(view.clients, [&view](const ClientView &client) { return toJson(client, view.at); })},
            {QStringLiteral("broker"), toJson(view.broker, view.at)}};
}

QJsonObject toJson(const Packet &packet, Version version)
{
    QJsonObject object{{QStringLiteral("type"), QString::fromLatin1(packetTypeName(packet.type()))}};
    if (const PacketId id = packetIdOf(packet); id.value)
        object.insert(QStringLiteral("packet_id"), id.value);
    std::visit([&object, version](const auto &body) { fill(object, body, version); }, packet.body);
    if (const auto *properties = propertiesOf(packet); properties && !properties->isEmpty())
        object.insert(QStringLiteral("properties"), propertyRows(*properties));
    return object;
}

QJsonObject toJson(const TraceRecord &record, const QString &who)
{
    QJsonObject object{{QStringLiteral("seq"), number(qint64(record.seq.value))},
                       {QStringLiteral("cause"), number(qint64(record.cause.value))},
                       {QStringLiteral("at"), std::chrono::duration<double>(record.at.time_since_epoch()).count()},
                       {QStringLiteral("who"), record.role == Role::Broker ? QStringLiteral("broker") : who},
                       {QStringLiteral("link"), number(record.link.value)},
                       {QStringLiteral("kind"), QString::fromLatin1(kindName(record.what))},
                       {QStringLiteral("text"), eventText(record)}};
    if (const auto *trace = std::get_if<PacketTrace>(&record.what)) {
        object.insert(QStringLiteral("direction"),
                      trace->direction == Direction::Sent ? QStringLiteral("sent") : QStringLiteral("received"));
        object.insert(QStringLiteral("size"), number(trace->size()));
        if (const auto packet = decode(trace->frame(), trace->version); packet && !trace->malformed)
            object.insert(QStringLiteral("packet"), toJson(*packet, trace->version));
    }
    return object;
}

QJsonValue withTexts(const QJsonValue &value, const std::function<QString(const QString &)> &change)
{
    if (value.isString())
        return change(value.toString());
    if (value.isArray()) {
        QJsonArray array;
        for (const QJsonValue item : value.toArray())
            array.append(withTexts(item, change));
        return array;
    }
    if (!value.isObject())
        return value;
    QJsonObject object = value.toObject();
    for (auto one = object.begin(); one != object.end(); ++one)
        *one = withTexts(one.value(), change);
    return object;
}

} // namespace sessionscope
