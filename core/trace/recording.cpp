#include "core/trace/recording.h"

#include "core/trace/json.h"
#include "core/trace/masker.h"
#include "core/trace/recording_io.h"
#include "core/trace/text.h"

#include <QJsonDocument>

namespace sessionscope {

namespace {

// Kinds of events, in the order of their variants.
constexpr const char *eventKinds[] = {"packet", "link", "fault", "command", "finding"};
constexpr const char *clientKinds[] = {
    "connection_accepted", "connection_refused", "message_delivered",  "publish_accepted",     "publish_completed",
    "publish_lost",        "request_completed",  "request_unanswered", "session_ended",        "violation_found",
    "command_refused",     "disconnected",       "answer_overdue",     "authentication_asked", "reconnect_scheduled",
    "reconnect_stopped",   "server_redirected",  "ack_held",           "publish_requeued",     "response_arrived",
    "response_overdue"};
constexpr const char *brokerKinds[] = {"broker_close", "server_session", "message_dropped", "will_published",
                                       "broker_refused"};
static_assert(std::size(eventKinds) + 2 == std::variant_size_v<TraceEvent>);
static_assert(std::size(clientKinds) == std::variant_size_v<ClientReport>);
static_assert(std::size(brokerKinds) == std::variant_size_v<BrokerReport>);

QString kindOf(const TraceEvent &event)
{
    if (const auto *note = std::get_if<ClientNote>(&event))
        return QLatin1String(clientKinds[note->effect.index()]);
    if (const auto *note = std::get_if<BrokerNote>(&event))
        return QLatin1String(brokerKinds[note->effect.index()]);
    return QLatin1String(eventKinds[event.index()]);
}

QByteArray line(const QJsonObject &object)
{
    return QJsonDocument(object).toJson(QJsonDocument::Compact) + '\n';
}

QJsonArray arrayOf(const QStringList &list)
{
    return QJsonArray::fromStringList(list);
}

QByteArray recordLine(const TraceRecord &original, Masker &masker)
{
    const TraceRecord record = masker.safe(original);
    QJsonObject object{{QStringLiteral("seq"), qint64(record.seq.value)},
                       {QStringLiteral("at"), qint64(record.at.time_since_epoch().count())},
                       {QStringLiteral("kind"), kindOf(record.what)},
                       {QStringLiteral("text"), masker.safe(record, eventText(record))}};
    if (record.cause.value)
        object.insert(QStringLiteral("cause"), qint64(record.cause.value));
    if (record.role == Role::Client)
        object.insert(QStringLiteral("client"), qint64(record.client.value));
    if (record.link.value)
        object.insert(QStringLiteral("link"), qint64(record.link.value));
    FieldWriter writer(object, [](const QByteArray &bytes) { return bytes; });
    TraceEvent copy = record.what;
    std::visit(
        [&writer](auto &event) {
            if constexpr (requires { event.effect; })
                std::visit([&writer](auto &report) { fields(writer, report); }, event.effect);
            else
                fields(writer, event);
        },
        copy);
    const bool isNote =
        std::holds_alternative<ClientNote>(record.what) || std::holds_alternative<BrokerNote>(record.what);
    if (masker.hasLeak() && isNote) {
        for (auto one = object.begin(); one != object.end(); ++one) {
            if (one.key() != u"kind") // a word of this form's own
                *one = withTexts(one.value(), [&masker](const QString &text) { return masker.safeValue(text); });
        }
    }
    return line(object);
}

QByteArray headLine(const Recording &recording)
{
    QJsonObject clients;
    for (const auto &[key, name] : recording.clients)
        clients.insert(QString::number(key.value), name);
    QJsonObject head{{QStringLiteral("sessionscope_recording"), recordingForm},
                     {QStringLiteral("program"), recording.program},
                     {QStringLiteral("title"), recording.title},
                     {QStringLiteral("source"), recording.source},
                     {QStringLiteral("broker"), recording.broker},
                     {QStringLiteral("verdict"), recording.verdict},
                     {QStringLiteral("outcome"), arrayOf(recording.outcome)},
                     {QStringLiteral("clients"), clients},
                     {QStringLiteral("left_out"), qint64(recording.leftOut)}};
    if (recording.seed)
        head.insert(QStringLiteral("seed"), QString::number(*recording.seed));
    if (recording.startedAt)
        head.insert(QStringLiteral("started_at"), *recording.startedAt);
    return line(head);
}

QByteArray standingLine(const Standing &standing, const Masker &masker)
{
    return line({{QStringLiteral("kind"), QStringLiteral("standing")},
                 {QStringLiteral("after"), qint64(standing.after.value)},
                 {QStringLiteral("at"), qint64(standing.at.time_since_epoch().count())},
                 {QStringLiteral("client"), qint64(standing.client.value)},
                 {QStringLiteral("text"), masker.safe(standing.text)}});
}

// ---- reading ----

/// The alternative of this index, with its fields read.
template<class Variant, std::size_t I = 0>
void readAlternative(Variant &variant, std::size_t index, FieldReader &reader)
{
    if constexpr (I < std::variant_size_v<Variant>) {
        if (index == I)
            fields(reader, variant.template emplace<I>());
        else
            readAlternative<Variant, I + 1>(variant, index, reader);
    }
}

/// The events that are no reports.
using PlainEvent = std::variant<PacketTrace, LinkTrace, FaultTrace, CommandTrace, FindingTrace>;

template<std::size_t N> std::optional<std::size_t> indexOf(const char *const (&kinds)[N], const QString &kind)
{
    for (std::size_t i = 0; i < N; ++i) {
        if (kind == QLatin1String(kinds[i]))
            return i;
    }
    return std::nullopt;
}

/// False for a kind that there is not.
bool readEvent(TraceEvent &event, const QString &kind, FieldReader &reader)
{
    if (const auto index = indexOf(eventKinds, kind)) {
        PlainEvent plain;
        readAlternative(plain, *index, reader);
        std::visit([&event](auto &one) { event = std::move(one); }, plain);
        return true;
    }
    if (const auto index = indexOf(clientKinds, kind)) {
        ClientNote note{ConnectionAccepted{}};
        readAlternative(note.effect, *index, reader);
        event = std::move(note);
        return true;
    }
    if (const auto index = indexOf(brokerKinds, kind)) {
        BrokerNote note{BrokerClose{}};
        readAlternative(note.effect, *index, reader);
        event = std::move(note);
        return true;
    }
    return false;
}

class RecordingReader
{
public:
    /// What is wrong with the line; nothing when it has been taken.
    std::optional<QString> take(const QByteArray &text)
    {
        QJsonParseError error;
        const QJsonDocument document = QJsonDocument::fromJson(text, &error);
        if (!document.isObject())
            return QStringLiteral("no JSON object: %1").arg(error.errorString());
        const QJsonObject object = document.object();
        if (!m_hasHead)
            return takeHead(object);
        if (object.value(QStringLiteral("kind")).toString() == u"standing")
            return takeStanding(object);
        return takeRecord(object);
    }

    bool hasHead() const { return m_hasHead; }
    Recording take() { return std::move(m_recording); }

private:
    std::optional<QString> takeHead(const QJsonObject &object)
    {
        const int form = object.value(QStringLiteral("sessionscope_recording")).toInt();
        if (form < 1)
            return QStringLiteral("no recording: expected \"sessionscope_recording\" in the first line");
        if (form > recordingForm)
            return QStringLiteral("a recording of form %1: this program reads forms up to %2")
                .arg(form)
                .arg(recordingForm);
        m_hasHead = true;
        const auto text = [&object](QStringView key) { return object.value(key).toString(); };
        m_recording.program = text(u"program");
        m_recording.title = text(u"title");
        m_recording.source = text(u"source");
        m_recording.broker = text(u"broker");
        m_recording.verdict = text(u"verdict");
        m_recording.leftOut = quint64(object.value(QStringLiteral("left_out")).toInteger());
        for (const QJsonValue one : object.value(QStringLiteral("outcome")).toArray())
            m_recording.outcome << one.toString();
        if (object.contains(QStringLiteral("seed")))
            m_recording.seed = text(u"seed").toULongLong();
        if (object.contains(QStringLiteral("started_at")))
            m_recording.startedAt = object.value(QStringLiteral("started_at")).toInteger(-1);
        if (m_recording.startedAt && (*m_recording.startedAt < 0 || *m_recording.startedAt > recordingTimeLimit))
            return wrongField(QStringLiteral("started_at"));
        const QJsonObject clients = object.value(QStringLiteral("clients")).toObject();
        for (auto one = clients.begin(); one != clients.end(); ++one)
            m_recording.clients[ClientKey{one.key().toUInt()}] = one.value().toString();
        return std::nullopt;
    }

    std::optional<QString> takeStanding(const QJsonObject &object)
    {
        Standing standing;
        FieldReader reader(object, *m_recording.words);
        reader("after", standing.after);
        reader("at", standing.at);
        reader("client", standing.client);
        reader("text", standing.text);
        if (!reader.wrong().isEmpty())
            return wrongField(reader.wrong());
        m_recording.standings.push_back(std::move(standing));
        return std::nullopt;
    }

    std::optional<QString> takeRecord(const QJsonObject &object)
    {
        if (m_recording.records.size() >= recordingRecordsLimit)
            return QStringLiteral("more than %1 records").arg(recordingRecordsLimit);
        TraceRecord record;
        FieldReader reader(object, *m_recording.words);
        reader("seq", record.seq);
        reader("at", record.at);
        std::optional<ClientKey> client;
        std::optional<TraceSeq> cause;
        std::optional<LinkId> link;
        reader("client", client);
        reader("cause", cause);
        reader("link", link);
        record.role = client ? Role::Client : Role::Broker;
        record.client = client.value_or(ClientKey{});
        record.cause = cause.value_or(TraceSeq{});
        record.link = link.value_or(LinkId{});
        const QString kind = object.value(QStringLiteral("kind")).toString();
        if (!readEvent(record.what, kind, reader))
            return QStringLiteral("\"%1\" is no kind of record").arg(kind);
        if (!reader.wrong().isEmpty())
            return wrongField(reader.wrong());
        if (!m_recording.records.empty() && record.seq <= m_recording.records.back().seq)
            return QStringLiteral("record %1 stands behind %2: expected them in their order")
                .arg(record.seq.value)
                .arg(m_recording.records.back().seq.value);
        m_recording.records.push_back(std::move(record));
        return std::nullopt;
    }

    static QString wrongField(const QString &name) { return QStringLiteral("\"%1\" is missing or wrong").arg(name); }

    bool m_hasHead = false;
    Recording m_recording{.words = std::make_shared<std::set<QByteArray>>()};
};

} // namespace

QJsonValue bytesValue(const QByteArray &bytes)
{
    const QString text = QString::fromUtf8(bytes);
    if (text.toUtf8() == bytes)
        return text;
    return QJsonObject{{QStringLiteral("hex"), QString::fromLatin1(bytes.toHex())}};
}

bool takeHex(const QJsonValue &found, QByteArray &value)
{
    value = QByteArray::fromHex(found.toString().toLatin1());
    return found.isString() && value.size() * 2 == found.toString().size();
}

std::optional<QByteArray> bytesOf(const QJsonValue &value)
{
    if (value.isString())
        return value.toString().toUtf8();
    QByteArray bytes;
    return takeHex(value.toObject().value(QStringLiteral("hex")), bytes) ? std::optional(bytes) : std::nullopt;
}

QString Recording::nameOf(ClientKey client) const
{
    const auto found = clients.find(client);
    return found == clients.end() ? QString() : found->second;
}

std::vector<TraceRecord> recordsOf(const Trace &trace)
{
    std::vector<TraceRecord> records;
    records.reserve(trace.size());
    for (TraceSeq seq = trace.first(); seq <= trace.last(); ++seq.value) {
        if (auto record = trace.record(seq))
            records.push_back(*std::move(record));
    }
    return records;
}

bool isRecording(const QByteArray &text)
{
    return text.first(qMin<qsizetype>(text.indexOf('\n') + 1, text.size())).contains("\"sessionscope_recording\"");
}

QByteArray writeRecording(const Recording &recording)
{
    QByteArray text = headLine(recording);
    Masker masker;
    auto standing = recording.standings.begin();
    for (const TraceRecord &record : recording.records) {
        text += recordLine(record, masker);
        for (; standing != recording.standings.end() && standing->after <= record.seq; ++standing)
            text += standingLine(*standing, masker);
    }
    return text;
}

Result<Recording, QString> readRecording(const QByteArray &text)
{
    if (text.size() > recordingBytesLimit)
        return QStringLiteral("larger than %1 MiB").arg(recordingBytesLimit / 1024 / 1024);
    RecordingReader reader;
    int number = 0;
    for (qsizetype from = 0; from < text.size();) {
        const qsizetype found = text.indexOf('\n', from);
        const qsizetype end = found < 0 ? text.size() : found;
        ++number;
        const QByteArray one = text.mid(from, end - from).trimmed();
        if (const auto wrong = one.isEmpty() ? std::nullopt : reader.take(one))
            return QStringLiteral("line %1: %2").arg(number).arg(*wrong);
        from = end + 1;
    }
    if (!reader.hasHead())
        return QStringLiteral("an empty file: expected a recording");
    return reader.take();
}

} // namespace sessionscope
