#include "tests/vectors/invariants.h"

#include "core/mqtt/dissect.h"
#include "core/mqtt/framer.h"
#include "core/rules/rules.h"
#include "tests/vectors/vectors.h"

#include <QRandomGenerator>

namespace sessionscope::vectors {

namespace {

// All frames of a stream, and how it ended: "waits" or the malformed line.
struct Framed
{
    QList<QByteArray> frames{};
    QByteArray end{};
    bool operator==(const Framed &) const = default;
};

// True when the framer has come to the end of what it can say for now.
bool drain(Framer &framer, Framed &framed)
{
    for (;;) {
        auto next = framer.next();
        if (auto *frame = std::get_if<QByteArray>(&next)) {
            framed.frames.append(std::move(*frame));
            continue;
        }
        const auto *malformed = std::get_if<Malformed>(&next);
        framed.end = malformed ? describe(*malformed) : QByteArray("waits");
        return malformed != nullptr;
    }
}

Framed framedWhole(const QByteArray &bytes)
{
    Framer framer;
    Framed framed;
    framer.append(bytes);
    drain(framer, framed);
    return framed;
}

Framed framedInPieces(const QByteArray &bytes, quint32 seed)
{
    // Short pieces, but no more than some thousands of them.
    const int longestPiece = int(qMax<qsizetype>(9, bytes.size() / 2000));
    QRandomGenerator random(seed);
    Framer framer;
    Framed framed;
    for (qsizetype at = 0; at < bytes.size();) {
        const auto size = qMin<qsizetype>(1 + random.bounded(longestPiece), bytes.size() - at);
        framer.append(bytes.mid(at, size));
        at += size;
        if (random.bounded(2) == 0 && drain(framer, framed))
            return framed;
    }
    drain(framer, framed);
    return framed;
}

QByteArray brokenSpans(const QByteArray &frame, const QList<FieldSpan> &spans)
{
    qsizetype end = 0;
    for (const auto &span : spans) {
        const bool isInside = span.offset >= 0 && span.length >= 0 && span.offset + span.length <= frame.size();
        const bool follows = span.depth > 0 || span.offset == end;
        if (!isInside || !follows)
            return "dissect: " + span.name + " is out of place";
        if (span.depth == 0)
            end = span.offset + span.length;
    }
    return end == frame.size() ? QByteArray() : QByteArray("dissect: bytes are not accounted for");
}

QByteArray brokenWriting(const Packet &packet, Version version)
{
    const auto written = encode(packet, version);
    if (encodedSize(packet, version) != written.size())
        return "encodedSize is wrong";
    const auto again = decode(written, version);
    if (!again)
        return "encode wrote what decode refuses: " + describe(again.error());
    if (*again != packet)
        return "encode changed " + describe(packet) + " to " + describe(*again);
    if (const auto *publish = packet.as<PublishPacket>()) {
        if (encodePublishHead(*publish, version) + publish->payload != written)
            return "encodePublishHead and encode differ";
    }
    return {};
}

// Whatever a packet held before, and whoever shares the frame: what is read is the same.
QByteArray brokenReuse(const QByteArray &frame, Version version, const DecodeResult &expected)
{
    const auto differs = [&](const std::optional<Malformed> &malformed, const Packet &packet) {
        return malformed ? expected.ok() || *malformed != expected.error() : !expected.ok() || packet != *expected;
    };
    Packet packet{ConnectPacket{.clientId = "left over", .will = Will{.topic = "t"}}, quint8(0x0F)};
    if (differs(decodeTo(packet, frame, version), packet))
        return "decodeTo and decode differ";
    packet = {PublishPacket{.topic = "left/over", .payload = "x", .packetId = {7}, .properties = {{}}}};
    QByteArray lastTopic = "left/over";
    for (int i = 0; i < 2; ++i) {
        if (differs(decodeSharedTo(packet, frame, version, lastTopic), packet))
            return "decodeSharedTo and decode differ";
    }
    return {};
}

QByteArray brokenFrame(const QByteArray &frame, Version version)
{
    const auto result = decode(frame, version);
    if (auto broken = brokenReuse(frame, version, result); !broken.isEmpty())
        return broken;
    const auto spans = dissect(frame, version);
    if (auto broken = brokenSpans(frame, spans); !broken.isEmpty())
        return broken;
    if ((spans.last().name == "Malformed") == result.ok())
        return "dissect and decode disagree";
    if (!result) {
        const auto offset = result.error().offset;
        return offset >= 0 && offset <= frame.size() ? QByteArray() : QByteArray("offset outside the frame");
    }
    for (const auto sender : {Sender::Client, Sender::Server}) {
        for (const auto &finding : rules::check(*result, {.version = version, .from = sender})) {
            if (!*finding.statement || !*finding.what || finding.blame != sender)
                return "finding without a statement";
        }
    }
    return brokenWriting(*result, version);
}

} // namespace

QByteArray brokenInvariant(const QByteArray &bytes, Version version, quint32 seed)
{
    const auto whole = framedWhole(bytes);
    if (framedInPieces(bytes, seed) != whole)
        return "framer: pieces and whole differ";
    for (const auto &frame : whole.frames) {
        if (auto broken = brokenFrame(frame, version); !broken.isEmpty())
            return broken;
    }
    return brokenFrame(bytes, version);
}

} // namespace sessionscope::vectors
