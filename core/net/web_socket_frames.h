// The frames of a WebSocket (RFC 6455 §5), read from a stream and written. What a binary message holds is handed on as
// it arrives: MQTT's packets are cut out of the stream of bytes, and frames mean nothing to them (MQTT-6.0.0-2,
// v3:MQTT-6.0.0-2).
#pragma once

#include <QByteArray>
#include <QString>

#include <optional>
#include <variant>

namespace sessionscope {

enum class FrameKind : quint8 // the standard's opcodes
{
    Continuation = 0,
    Text = 1,
    Binary = 2,
    Close = 8,
    Ping = 9,
    Pong = 10
};

/// The other end's frames have to be masked, or must not be.
enum class FramesAre : quint8
{
    Masked, ///< those of a client
    Plain   ///< those of a server
};

/// Why a connection is closed: what a close frame says.
namespace close_status {
inline constexpr quint16 normal = 1000;
inline constexpr quint16 protocolError = 1002;
inline constexpr quint16 unsupportedData = 1003;
inline constexpr quint16 none = 1005; ///< not in a frame: for one without status
} // namespace close_status

/// "1001 (going away)".
QString closeStatusText(quint16 status);

class FrameReader
{
public:
    struct Payload
    {
        QByteArray bytes; ///< of a binary message: all of it or a part
    };
    struct Control
    {
        FrameKind kind = FrameKind::Ping;
        QByteArray payload;
    };
    /// Nothing can be read behind it.
    struct Violation
    {
        quint16 status = close_status::protocolError; ///< to close with
        QString words;
    };
    using Event = std::variant<Payload, Control, Violation>;

    explicit FrameReader(FramesAre frames) : m_frames(frames) {}

    void append(const QByteArray &bytes);
    /// What comes next; nothing until more bytes do.
    std::optional<Event> next();

private:
    std::optional<Event> readHead();
    std::optional<Violation> check(FrameKind kind, bool isLast, bool isMasked, quint8 reserved) const;
    std::optional<Event> readControl();
    QByteArray takeUnmasked(qsizetype count);

    const FramesAre m_frames;
    QByteArray m_buffer;
    qsizetype m_position = 0;           // in the buffer
    quint64 m_left = 0;                 // of the payload of the current frame
    std::optional<FrameKind> m_control; // the current frame, if it is one
    quint32 m_mask = 0;
    quint32 m_maskOffset = 0;
    bool m_isWithinMessage = false; // a continuation has to follow
    bool m_isBroken = false;
};

/// A frame with all of payload, masked if a mask is given.
QByteArray frame(FrameKind kind, const QByteArray &payload, std::optional<quint32> mask);
/// What a close frame holds.
QByteArray closePayload(quint16 status);
/// The status of a close frame that holds this.
quint16 closeStatusOf(const QByteArray &payload);

} // namespace sessionscope
