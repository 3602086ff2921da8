#include "core/trace/pcapng.h"

#include "core/trace/masker.h"
#include "core/trace/pcapng_writer.h"
#include "core/trace/text.h"

namespace sessionscope {

namespace {

constexpr quint32 clientNetwork = 0x0A000000;   // 10.0.0.0, by the client's key
constexpr quint32 strangerNetwork = 0x0A800000; // 10.128.0.0, by the link
constexpr quint32 serverAddress = 0x0AFFFFFE;   // 10.255.255.254
constexpr quint16 mqttPort = 1883;
constexpr quint16 firstPort = 49'152;
constexpr quint32 ports = 16'384;

bool isLost(FaultAct act)
{
    return act == FaultAct::CutBefore || act == FaultAct::Dropped;
}

bool isSent(const TraceRecord &record)
{
    const auto *trace = std::get_if<PacketTrace>(&record.what);
    return trace && trace->direction == Direction::Sent;
}

class CaptureFold
{
public:
    explicit CaptureFold(const Recording &recording)
        : m_recording(recording),
          m_writer(recording.program.toUtf8(), commentOf(recording).toUtf8(), recording.startedAt.value_or(0) * 1000)
    {
        m_writer.name(serverAddress, "broker");
        for (const auto &[key, name] : recording.clients)
            m_writer.name(clientNetwork + key.value, name.toUtf8());
        for (const TraceRecord &record : recording.records) {
            if (record.cause.value)
                m_following[record.cause].push_back(&record);
        }
    }

    QByteArray write()
    {
        for (const TraceRecord &record : m_recording.records) {
            if (const auto *link = std::get_if<LinkTrace>(&record.what))
                look(record, *link);
            else if (const auto *trace = std::get_if<PacketTrace>(&record.what))
                look(record, *trace);
            else if (const auto *fault = std::get_if<FaultTrace>(&record.what))
                look(record, *fault);
        }
        return m_writer.take();
    }

private:
    struct Open
    {
        Conversation conversation;
        bool isMute = false; ///< a cut is on its way: what the client sends leaves no more
    };

    static QString commentOf(const Recording &recording)
    {
        QStringList lines{recording.title};
        if (!recording.verdict.isEmpty())
            lines << recording.verdict;
        lines += recording.outcome;
        lines.removeAll(QString());
        return lines.join(u'\n');
    }

    // ---- which links ----

    /// Where a client of the recording meets the broker of the recording, the client's end tells all.
    void look(const TraceRecord &record, const LinkTrace &link)
    {
        if (link.change == LinkChange::Opened && record.role == Role::Client)
            open(record, clientNetwork + record.client.value);
        if (link.change == LinkChange::Opening || link.change == LinkChange::Opened ||
            link.change == LinkChange::Accepted)
            return;
        const auto found = m_open.find(record.link);
        if (found == m_open.end())
            return;
        close(record, found->second.conversation, link);
        m_open.erase(found);
    }

    void open(const TraceRecord &record, quint32 address)
    {
        Open &one = m_open[record.link];
        one.conversation = {.client = {address, quint16(firstPort + record.link.value % ports)},
                            .server = {serverAddress, mqttPort}};
        m_writer.open(one.conversation, record.at);
    }

    void close(const TraceRecord &record, Conversation &conversation, const LinkTrace &link)
    {
        const Sending own = record.role == Role::Client ? Sending::Client : Sending::Server;
        const Sending other = own == Sending::Client ? Sending::Server : Sending::Client;
        const QByteArray comment = eventText(record).toUtf8();
        if (link.change == LinkChange::ClosedByUs)
            m_writer.finish(conversation, own, record.at, comment);
        else if (link.change == LinkChange::ClosedByPeer)
            m_writer.finish(conversation, other, record.at, comment);
        else
            m_writer.reset(conversation, link.change == LinkChange::Cut ? own : other, record.at, comment);
    }

    /// A connection of the broker is a stranger's unless it begins as that of one of our clients does.
    Open *openOf(const TraceRecord &record, const PacketTrace &trace)
    {
        const auto found = m_open.find(record.link);
        if (found != m_open.end())
            return &found->second;
        if (record.role == Role::Client || !m_judged.insert(record.link).second)
            return nullptr;
        const auto twin = std::ranges::find(m_firstPackets, trace.frame());
        if (twin != m_firstPackets.end()) {
            m_firstPackets.erase(twin);
            return nullptr;
        }
        open(record, strangerNetwork + record.link.value);
        return &m_open[record.link];
    }

    // ---- packets ----

    void look(const TraceRecord &record, const PacketTrace &trace)
    {
        const QByteArray frame = m_masker.masked(record, trace.frame());
        if (record.role == Role::Client && m_judged.insert(record.link).second)
            m_firstPackets.push_back(trace.frame());
        Open *open = openOf(record, trace);
        if (!open)
            return;
        const bool isFromClient = (record.role == Role::Client) == (trace.direction == Direction::Sent);
        if (!isFromClient || record.role == Role::Broker) {
            // What a fault has done to it was written when it came.
            if (!m_written.contains(record.cause))
                m_writer.data(open->conversation, isFromClient ? Sending::Client : Sending::Server, record.at, frame,
                              notesOn(record).toUtf8());
            return;
        }
        if (open->isMute)
            return m_writer.data(open->conversation, Sending::Client, record.at, {},
                                 QByteArray("not sent any more: ") + eventText(record).toUtf8());
        sendWithFaults(record, *open, frame);
    }

    void sendWithFaults(const TraceRecord &record, Open &open, QByteArray bytes)
    {
        int copies = 1;
        for (const TraceRecord *one : followersOf(record)) {
            const auto *fault = std::get_if<FaultTrace>(&one->what);
            if (!fault)
                continue;
            if (isLost(fault->act))
                copies = 0;
            else if (!fault->bytes.isEmpty())
                bytes = m_masker.masked(*one, fault->bytes);
            if (fault->act == FaultAct::Duplicated)
                copies = 2;
            open.isMute = open.isMute || fault->act == FaultAct::CutAfter || fault->act == FaultAct::CutWithin ||
                          fault->act == FaultAct::CutBefore;
        }
        const QString notes = notesOn(record);
        if (copies == 0)
            m_writer.data(open.conversation, Sending::Client, record.at, {},
                          (eventText(record) + u'\n' + notes).toUtf8());
        for (int copy = 0; copy < copies; ++copy)
            m_writer.data(open.conversation, Sending::Client, record.at, bytes, notes.toUtf8());
    }

    /// What is no packet of the client's engine: bytes sent by hand, or a packet that arrives and meets a fault.
    void look(const TraceRecord &record, const FaultTrace &fault)
    {
        const auto found = m_open.find(record.link);
        if (found == m_open.end())
            return;
        const auto cause = std::ranges::lower_bound(m_recording.records, record.cause, {}, &TraceRecord::seq);
        if (record.cause.value && cause != m_recording.records.end() && cause->seq == record.cause && isSent(*cause))
            return;
        const QByteArray bytes = fault.bytes.isEmpty() ? QByteArray() : m_masker.masked(record, fault.bytes);
        const Sending from = fault.act == FaultAct::Raw ? Sending::Client : Sending::Server;
        m_writer.data(found->second.conversation, bytes.isEmpty() ? Sending::Client : from, record.at, bytes,
                      safeText(record).toUtf8());
        if (!bytes.isEmpty())
            m_written.insert(record.seq);
    }

    const std::vector<const TraceRecord *> &followersOf(const TraceRecord &record) const
    {
        static const std::vector<const TraceRecord *> none;
        const auto found = m_following.find(record.seq);
        return found == m_following.end() ? none : found->second;
    }

    /// Faults and findings that follow from it, a line each.
    QString notesOn(const TraceRecord &record)
    {
        QStringList notes;
        for (const TraceRecord *one : followersOf(record)) {
            if (std::holds_alternative<FaultTrace>(one->what) || std::holds_alternative<FindingTrace>(one->what))
                notes << safeText(*one);
        }
        return notes.join(u'\n');
    }

    QString safeText(const TraceRecord &record)
    {
        const TraceRecord safe = m_masker.safe(record);
        return m_masker.safe(safe, eventText(safe));
    }

    const Recording &m_recording;
    PcapngWriter m_writer;
    Masker m_masker;
    std::map<TraceSeq, std::vector<const TraceRecord *>> m_following; ///< by their cause
    std::map<LinkId, Open> m_open;
    std::set<LinkId> m_judged;              ///< links that had their first packet
    std::vector<QByteArray> m_firstPackets; ///< of our clients, that the broker has not received yet
    std::set<TraceSeq> m_written;           ///< faults whose packet is in the capture
};

} // namespace

QByteArray writePcapng(const Recording &recording)
{
    return CaptureFold(recording).write();
}

} // namespace sessionscope
