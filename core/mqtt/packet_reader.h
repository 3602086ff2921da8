// Reads the fields of one frame in wire order, for decode and for dissect alike (private to core/mqtt).
// The first field that cannot be read is kept as the Malformed; after it every read returns zero or empty, so a walk
// needs no check between fields. A Recorder hears of each field as it is read; NoRecorder costs nothing.
#pragma once

#include "core/base/shared_slice.h"
#include "core/mqtt/codec.h"

#include <QByteArrayView>
#include <QtEndian>

namespace sessionscope {

/// How a field is to be shown; of no concern for reading it.
enum class FieldKind : quint8
{
    Number,
    Hexadecimal,
    Text,
    Binary,
    Secret,
    Payload
};

struct NoRecorder
{
    static constexpr bool active = false;
};

template<class Recorder> class PacketReader
{
public:
    /// With lastTopic a PUBLISH is read as decodeSharedTo() says.
    PacketReader(const QByteArray &frame, Version version, Recorder &recorder, QByteArray *lastTopic = nullptr)
        : m_frame(frame), m_bytes(frame.constData()), m_end(frame.size()), m_version(version), m_lastTopic(lastTopic),
          m_recorder(recorder)
    {
    }

    qsizetype offset() const { return m_offset; }
    qsizetype remaining() const { return m_end - m_offset; }
    bool failed() const { return m_failed; }
    const Malformed &malformed() const { return m_malformed; }
    Version version() const { return m_version; }
    bool isV5() const { return m_version == Version::V5; }

    /// Tells the recorder what the bytes alone do not say; after a failure there is nothing more to tell.
    template<class Remark> void note(Remark remark)
    {
        if constexpr (Recorder::active) {
            if (!m_failed)
                remark(m_recorder);
        }
    }

    /// From here on the packet is one of this version. An over-long Remaining Length is malformed in 5.0 only
    /// (MQTT-1.5.5-1, [D-27]), which for CONNECT is known no sooner than here.
    void useVersion(Version version)
    {
        m_version = version;
        if (m_longRemainingLength && isV5())
            fail(Malformed::Problem::BadLength, 1, "Remaining Length");
    }

    void fail(Malformed::Problem problem, qsizetype at, const char *field,
              ReasonCode reason = ReasonCode::MalformedPacket)
    {
        if (!m_failed)
            m_malformed = {problem, at, field, reason, m_protocolLevel};
        m_failed = true;
        m_offset = m_end;
    }

    /// What a CONNECT asked for, told with whatever is wrong behind it.
    void setProtocolLevel(quint8 level) { m_protocolLevel = level; }

    quint8 u8(const char *field, FieldKind kind = FieldKind::Number) { return integer<quint8>(field, kind); }
    quint16 u16(const char *field) { return integer<quint16>(field, FieldKind::Number); }
    quint32 u32(const char *field) { return integer<quint32>(field, FieldKind::Number); }

    /// A Variable Byte Integer in its shortest form (MQTT-1.5.5-1).
    quint32 varInt(const char *field)
    {
        bool isShortest = true;
        const auto start = m_offset;
        const quint32 value = anyVarInt(field, isShortest);
        if (!isShortest)
            fail(Malformed::Problem::BadLength, start, field);
        note([&](auto &recorder) { recorder.number(start, m_offset - start, field, value, FieldKind::Number); });
        return value;
    }

    /// The Remaining Length, which has to lead exactly to the end of the frame.
    void remainingLength()
    {
        constexpr const char *field = "Remaining Length";
        bool isShortest = true;
        const auto start = m_offset;
        const auto length = qsizetype(anyVarInt(field, isShortest));
        m_longRemainingLength = !isShortest;
        note([&](auto &recorder) {
            recorder.number(start, m_offset - start, field, quint32(length), FieldKind::Number);
        });
        if (length > remaining())
            fail(Malformed::Problem::FieldRunsPastEnd, start, field);
        else if (length < remaining())
            fail(Malformed::Problem::BytesLeftOver, m_offset + length, field);
    }

    /// A field with a Two Byte Integer length in front.
    QByteArrayView fieldView(const char *field, FieldKind kind = FieldKind::Text)
    {
        const auto start = m_offset;
        if (remaining() < 2)
            return pastEnd(start, field);
        const qsizetype size = qFromBigEndian<quint16>(m_bytes + start);
        if (size > remaining() - 2)
            return pastEnd(start, field);
        m_offset += 2 + size;
        const QByteArrayView view(m_bytes + start + 2, size);
        note([&](auto &recorder) { recorder.bytes(start, m_offset - start, field, view, kind); });
        return view;
    }

    QByteArray field(const char *name, FieldKind kind = FieldKind::Text) { return own(fieldView(name, kind)); }

    QByteArray topicName()
    {
        const QByteArrayView view = fieldView("Topic Name");
        if (!m_lastTopic || view.isEmpty())
            return own(view);
        if (QByteArrayView(*m_lastTopic) != view)
            *m_lastTopic = view.toByteArray();
        return *m_lastTopic;
    }

    /// The bytes up to the end of the packet.
    QByteArray payload()
    {
        const auto start = m_offset;
        const QByteArrayView view(m_bytes + start, remaining());
        note([&](auto &recorder) { recorder.bytes(start, view.size(), "Payload", view, FieldKind::Payload); });
        m_offset = m_end;
        const bool share = m_lastTopic && !view.isEmpty() && m_frame.capacity() > 0;
        return share ? sharedSlice(m_frame, start, view.size()) : own(view);
    }

    /// Narrows reading to the next length bytes, in which running out means a bad property length.
    /// Returns the end to hand to leaveList.
    qsizetype enterList(qsizetype length, qsizetype lengthAt, const char *lengthField)
    {
        const auto outerEnd = m_end;
        m_inList = true;
        if (length > remaining())
            fail(Malformed::Problem::BadPropertyLength, lengthAt, lengthField);
        else
            m_end = m_offset + length;
        return outerEnd;
    }
    void leaveList(qsizetype outerEnd)
    {
        if constexpr (Recorder::active)
            m_recorder.endList();
        m_inList = false;
        m_end = outerEnd;
        if (m_failed)
            m_offset = m_end;
    }

private:
    template<class T> T integer(const char *field, FieldKind kind)
    {
        const auto start = m_offset;
        if (remaining() < qsizetype(sizeof(T))) {
            pastEnd(start, field);
            return 0;
        }
        m_offset += sizeof(T);
        const T value = qFromBigEndian<T>(m_bytes + start);
        note([&](auto &recorder) { recorder.number(start, sizeof(T), field, value, kind); });
        return value;
    }

    quint32 anyVarInt(const char *field, bool &isShortest)
    {
        constexpr int longest = 4;
        const auto start = m_offset;
        quint32 value = 0;
        for (int i = 0; i < longest; ++i) {
            if (m_offset == m_end) {
                pastEnd(start, field);
                return 0;
            }
            const auto byte = quint8(m_bytes[m_offset++]);
            value |= quint32(byte & 0x7F) << (7 * i);
            if (byte & 0x80)
                continue;
            isShortest = byte != 0 || i == 0;
            return value;
        }
        fail(Malformed::Problem::BadLength, start, field);
        return 0;
    }

    QByteArrayView pastEnd(qsizetype at, const char *field)
    {
        fail(m_inList ? Malformed::Problem::BadPropertyLength : Malformed::Problem::FieldRunsPastEnd, at, field);
        return {};
    }

    QByteArray own(QByteArrayView view) const
    {
        if (view.isEmpty())
            return {};
        // Raw data has no storage to share and a capacity of 0.
        return isFairShare(view.size(), m_frame.capacity()) ? sharedSlice(m_frame, view.data() - m_bytes, view.size())
                                                            : view.toByteArray();
    }

    const QByteArray &m_frame;
    const char *m_bytes;
    qsizetype m_offset = 0;
    qsizetype m_end;
    Version m_version;
    bool m_longRemainingLength = false;
    bool m_inList = false;
    bool m_failed = false;
    quint8 m_protocolLevel = 0;
    Malformed m_malformed;
    QByteArray *m_lastTopic;
    Recorder &m_recorder;
};

} // namespace sessionscope
