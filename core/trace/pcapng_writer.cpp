#include "core/trace/pcapng_writer.h"

#include <QtEndian>

namespace sessionscope {

namespace {

constexpr quint16 linkTypeRaw = 101;         // an IP packet and nothing around it
constexpr qsizetype largestSegment = 60'000; // of an IPv4 packet's 65 535 bytes

constexpr quint8 fin = 0x01;
constexpr quint8 syn = 0x02;
constexpr quint8 rst = 0x04;
constexpr quint8 psh = 0x08;
constexpr quint8 ack = 0x10;

// The blocks are little-endian, as their byte-order magic says.
template<class Number> void put(QByteArray &out, Number number)
{
    number = qToLittleEndian(number);
    out.append(reinterpret_cast<const char *>(&number), sizeof number);
}

template<class Number> void putBig(QByteArray &out, Number number)
{
    number = qToBigEndian(number);
    out.append(reinterpret_cast<const char *>(&number), sizeof number);
}

void pad(QByteArray &out)
{
    while (out.size() % 4 != 0)
        out += '\0';
}

void option(QByteArray &out, quint16 code, const QByteArray &text)
{
    if (text.isEmpty())
        return;
    const QByteArray value = text.first(qMin<qsizetype>(text.size(), 0xFFFF));
    put(out, code);
    put(out, quint16(value.size()));
    out += value;
    pad(out);
}

constexpr quint16 commentOption = 1;

void endOfOptions(QByteArray &out)
{
    put(out, quint32(0));
}

QByteArray block(quint32 type, const QByteArray &body)
{
    QByteArray out;
    const auto size = quint32(body.size() + 12);
    put(out, type);
    put(out, size);
    out += body;
    put(out, size);
    return out;
}

quint32 sumOf(const QByteArray &bytes, quint32 sum = 0)
{
    for (qsizetype i = 0; i < bytes.size(); ++i)
        sum += i % 2 == 0 ? quint32(quint8(bytes.at(i))) << 8 : quint8(bytes.at(i));
    return sum;
}

quint16 checksum(quint32 sum)
{
    while (sum >> 16)
        sum = (sum & 0xFFFF) + (sum >> 16);
    return quint16(~sum);
}

void setBig(QByteArray &out, qsizetype at, quint16 number)
{
    qToBigEndian(number, out.data() + at);
}

QByteArray ipv4(const SocketName &from, const SocketName &to, const QByteArray &content)
{
    QByteArray head;
    putBig(head, quint16(0x4500));
    putBig(head, quint16(20 + content.size()));
    putBig(head, quint32(0x00004000)); // not fragmented
    putBig(head, quint16(0x4006));     // time to live 64, TCP
    putBig(head, quint16(0));
    putBig(head, from.address);
    putBig(head, to.address);
    constexpr qsizetype checksumAt = 10;
    setBig(head, checksumAt, checksum(sumOf(head)));
    return head + content;
}

} // namespace

PcapngWriter::PcapngWriter(const QByteArray &program, const QByteArray &comment, qint64 startedAt)
    : m_startedAt(startedAt)
{
    QByteArray section;
    put(section, quint32(0x1A2B3C4D));
    put(section, quint16(1));
    put(section, quint16(0));
    put(section, quint64(-1)); // its length is not told
    option(section, commentOption, comment);
    constexpr quint16 application = 4;
    option(section, application, program);
    endOfOptions(section);
    QByteArray interface;
    put(interface, linkTypeRaw);
    put(interface, quint16(0));
    put(interface, quint32(0)); // packets are whole
    constexpr quint16 interfaceName = 2;
    option(interface, interfaceName, "sessionscope");
    endOfOptions(interface);
    m_head = block(0x0A0D0D0A, section) + block(1, interface);
}

void PcapngWriter::name(quint32 address, const QByteArray &name)
{
    constexpr qsizetype longestName = 255;
    const qsizetype end = name.indexOf('\0');
    m_names[address] = name.first(std::min(end < 0 ? name.size() : end, longestName));
}

void PcapngWriter::open(Conversation &conversation, Instant at)
{
    segment(conversation, Sending::Client, at, syn, {}, {});
    segment(conversation, Sending::Server, at, syn | ack, {}, {});
    segment(conversation, Sending::Client, at, ack, {}, {});
}

void PcapngWriter::data(Conversation &conversation, Sending from, Instant at, const QByteArray &bytes,
                        const QByteArray &comment)
{
    qsizetype done = 0;
    do {
        const QByteArray part = bytes.mid(done, largestSegment);
        segment(conversation, from, at, part.isEmpty() ? ack : psh | ack, part, done == 0 ? comment : QByteArray());
        done += part.size();
    } while (done < bytes.size());
}

void PcapngWriter::finish(Conversation &conversation, Sending from, Instant at, const QByteArray &comment)
{
    const Sending other = from == Sending::Client ? Sending::Server : Sending::Client;
    segment(conversation, from, at, fin | ack, {}, comment);
    segment(conversation, other, at, fin | ack, {}, {});
    segment(conversation, from, at, ack, {}, {});
}

void PcapngWriter::reset(Conversation &conversation, Sending from, Instant at, const QByteArray &comment)
{
    segment(conversation, from, at, rst | ack, {}, comment);
}

void PcapngWriter::segment(Conversation &conversation, Sending from, Instant at, quint8 flags, const QByteArray &bytes,
                           const QByteArray &comment)
{
    const bool isClient = from == Sending::Client;
    const SocketName &source = isClient ? conversation.client : conversation.server;
    const SocketName &target = isClient ? conversation.server : conversation.client;
    quint32 &next = isClient ? conversation.fromClient : conversation.fromServer;
    QByteArray tcp;
    putBig(tcp, source.port);
    putBig(tcp, target.port);
    putBig(tcp, next);
    putBig(tcp, flags & ack ? (isClient ? conversation.fromServer : conversation.fromClient) : quint32(0));
    putBig(tcp, quint16(0x5000 | flags));
    putBig(tcp, quint16(0xFFFF)); // window
    putBig(tcp, quint32(0));      // checksum, urgent pointer
    tcp += bytes;
    QByteArray pseudo;
    putBig(pseudo, source.address);
    putBig(pseudo, target.address);
    putBig(pseudo, quint16(6));
    putBig(pseudo, quint16(tcp.size()));
    constexpr qsizetype checksumAt = 16;
    setBig(tcp, checksumAt, checksum(sumOf(tcp, sumOf(pseudo))));
    next += quint32(bytes.size()) + (flags & (syn | fin) ? 1 : 0);
    packet(at, ipv4(source, target, tcp), comment);
}

void PcapngWriter::packet(Instant at, const QByteArray &bytes, const QByteArray &comment)
{
    const auto time = quint64(m_startedAt + at.time_since_epoch().count());
    QByteArray body;
    put(body, quint32(0));
    put(body, quint32(time >> 32));
    put(body, quint32(time));
    put(body, quint32(bytes.size()));
    put(body, quint32(bytes.size()));
    body += bytes;
    pad(body);
    if (!comment.isEmpty()) {
        option(body, commentOption, comment);
        endOfOptions(body);
    }
    m_packets += block(6, body);
}

QByteArray PcapngWriter::take()
{
    QByteArray names;
    for (const auto &[address, name] : m_names) {
        put(names, quint16(1));
        put(names, quint16(4 + name.size() + 1));
        putBig(names, address);
        names += name + '\0';
        pad(names);
    }
    put(names, quint32(0));
    return m_head + block(4, names) + m_packets;
}

} // namespace sessionscope
