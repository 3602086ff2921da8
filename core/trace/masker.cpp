#include "core/trace/masker.h"

#include "core/mqtt/dissect.h"
#include "core/trace/text.h"

#include <algorithm>
#include <cctype>
#include <utility>

namespace sessionscope {

namespace {

bool mayHoldSecrets(const QByteArray &frame)
{
    const auto type = PacketType(quint8(frame.front()) >> 4);
    return type == PacketType::Connect || type == PacketType::Connack || type == PacketType::Auth;
}

/// Shorter ones are masked by their place only.
constexpr qsizetype shortestSecret = 2;
constexpr qsizetype shortestPart = 4;

/// The runs of bytes that are masked.
std::set<QByteArray> secretsIn(const QByteArray &plain, const QByteArray &hidden)
{
    std::set<QByteArray> secrets;
    QByteArray run;
    for (qsizetype i = 0; i < qMin(plain.size(), hidden.size()); ++i) {
        if (plain.at(i) != hidden.at(i)) {
            run += plain.at(i);
        } else if (!run.isEmpty() && hidden.at(i) == secretMask) {
            run += plain.at(i); // the secret has a '*' in it
        } else if (!run.isEmpty()) {
            secrets.insert(std::exchange(run, {}));
        }
    }
    secrets.insert(run);
    return secrets;
}

/// Masks what is masked in another one, from this byte of it on.
void hideAs(QByteArray &safe, const QByteArray &bytes, const QByteArray &hidden, qsizetype from)
{
    for (qsizetype i = 0; i < safe.size() && from + i < hidden.size(); ++i) {
        if (bytes.at(from + i) != hidden.at(from + i))
            safe[i] = secretMask;
    }
}

/// Every run of masked bytes as long as any other. Binary data stands in a text in hexadecimal digits.
QByteArray withEqualMasks(const QByteArray &text)
{
    QByteArray equal;
    for (qsizetype at = 0, hexFrom = -1; at < text.size();) {
        if (text.mid(at, 2) == "0x")
            hexFrom = at;
        else if (!std::isxdigit(quint8(text.at(at))) && at != hexFrom + 1)
            hexFrom = -1;
        const bool isHexByte = hexFrom >= 0 && (at - hexFrom) % 2 == 0;
        const QByteArrayView mask = isHexByte ? QByteArrayView("2a") : QByteArrayView("*");
        qsizetype run = 0;
        while (QByteArrayView(text).sliced(at + run).startsWith(mask))
            run += mask.size();
        if (run > mask.size()) {
            equal += Masker::textMask;
            at += run;
        } else {
            equal += text.at(at++);
        }
    }
    return equal;
}

/// What was made of a packet, masked where the packet is. Bytes that are missing or too many have moved the others:
/// those that it begins with are counted from its first byte, those that it ends with from its last, and what is left
/// between them is masked.
QByteArray maskedAs(QByteArray safe, const QByteArray &bytes, const QByteArray &hidden)
{
    if (safe.size() == bytes.size()) {
        hideAs(safe, bytes, hidden, 0);
        return safe;
    }
    const QByteArray made = safe;
    const qsizetype shift = bytes.size() - made.size();
    const auto [head, headEnd] = std::ranges::mismatch(made, bytes);
    const qsizetype begin = head - made.begin();
    qsizetype end = made.size();
    while (end > 0 && end + shift > 0 && made.at(end - 1) == bytes.at(end - 1 + shift))
        --end;
    for (qsizetype i = 0; i < made.size(); ++i) {
        const bool isHead = i < begin;
        const bool isTail = i >= end;
        if ((!isHead && !isTail) || (isHead && bytes.at(i) != hidden.at(i)) ||
            (isTail && bytes.at(i + shift) != hidden.at(i + shift)))
            safe[i] = secretMask;
    }
    return safe;
}

} // namespace

QByteArray Masker::masked(const TraceRecord &record, const QByteArray &bytes)
{
    if (const auto *trace = std::get_if<PacketTrace>(&record.what)) {
        m_versions[record.link.value] = trace->version;
        QByteArray safe = withoutSecrets(bytes, trace->version);
        if (hasLeak()) {
            if (trace->direction == Direction::Received)
                hideArrived(record, bytes, safe);
            hideSecrets(safe);
            // Where bytes are missing or too many, the other end may take the rest of a secret for a packet.
            if (trace->direction == Direction::Received)
                safe = withoutParts(safe);
        }
        if (safe != bytes)
            remember(record.seq, bytes, safe);
        return safe;
    }
    QByteArray safe = maskedFrames(record.link, bytes);
    hideSecrets(safe);
    const auto *fault = std::get_if<FaultTrace>(&record.what);
    const bool isCorrupted = fault && fault->act == FaultAct::Corrupted;
    const auto cause = m_secrets.find(record.cause);
    if (cause == m_secrets.end()) {
        if (isCorrupted && safe != bytes)
            noteLeak({record.seq, bytes, safe}, bytes, safe);
        return safe;
    }
    // A byte that was changed may have made another packet of it, or a password that is nearly the one.
    const auto &[plain, hidden] = cause->second;
    const QByteArray made = maskedAs(bytes, plain, hidden);
    hideAs(safe, bytes, made, 0);
    if (isCorrupted && safe != bytes)
        noteLeak({record.seq, bytes, made}, plain, hidden);
    return safe;
}

TraceRecord Masker::safe(TraceRecord record)
{
    hide(record);
    return record;
}

void Masker::hide(TraceRecord &record)
{
    if (auto *trace = std::get_if<PacketTrace>(&record.what)) {
        // Most packets cannot hold one, and need not be put together.
        m_versions[record.link.value] = trace->version;
        if (!hasLeak() && !trace->head.isEmpty() && !mayHoldSecrets(trace->head))
            return;
        const QByteArray frame = trace->frame();
        QByteArray hidden = masked(record, frame);
        if (hidden != frame) {
            trace->head = std::move(hidden);
            trace->payload.clear();
        }
    } else if (auto *fault = std::get_if<FaultTrace>(&record.what)) {
        if (!fault->bytes.isEmpty())
            fault->bytes = masked(record, fault->bytes);
        fault->detail = safe(record, fault->detail);
        // Which byte was changed, and from what to what.
        const qsizetype at = fault->detail.lastIndexOf(u"byte ");
        const qsizetype values = at < 0 ? -1 : fault->detail.indexOf(u" 0x", at + 5);
        const qsizetype offset = values < 0 ? -1 : fault->detail.mid(at + 5, values - at - 5).toLongLong();
        const bool isSecret =
            offset >= 0 && offset < fault->bytes.size() && hasLeak() && fault->bytes.at(offset) == secretMask;
        if (fault->act == FaultAct::Corrupted && isSecret)
            fault->detail = fault->detail.first(values);
    } else if (auto *command = std::get_if<CommandTrace>(&record.what)) {
        command->text = safe(record, command->text);
    } else if (const auto *link = std::get_if<LinkTrace>(&record.what); link && endsConnection(link->change)) {
        m_versions.erase(record.link.value);
        m_isWithinSecret.erase(record.link);
        m_streams.erase(record.link);
    }
}

void Masker::remember(TraceSeq packet, const QByteArray &plain, const QByteArray &hidden)
{
    m_secrets[packet] = {plain, hidden};
    if (m_secrets.size() > secretsLimit)
        m_secrets.erase(m_secrets.begin());
}

QString Masker::safe(const QString &text) const
{
    return hasLeak() ? QString::fromUtf8(withEqualMasks(withoutParts(text.toUtf8()))) : text;
}

QString Masker::safeValue(const QString &value) const
{
    return hasLeak() ? QString::fromUtf8(withoutParts(value.toUtf8())) : value;
}

QString Masker::safe(const TraceRecord &record, const QString &text) const
{
    if (!hasLeak())
        return text;
    if (std::holds_alternative<ClientNote>(record.what) || std::holds_alternative<BrokerNote>(record.what))
        return safe(text);
    QByteArray bytes = text.toUtf8();
    hideSecrets(bytes);
    return QString::fromUtf8(withEqualMasks(bytes));
}

void Masker::noteLeak(Leak leak, const QByteArray &original, const QByteArray &originalHidden)
{
    if (std::ranges::find(m_leaks, leak.fault, &Leak::fault) != m_leaks.end())
        return;
    for (const auto &[plain, hidden] : {std::pair(original, originalHidden), std::pair(leak.bytes, leak.hidden)}) {
        for (const QByteArray &secret : secretsIn(plain, hidden)) {
            if (secret.size() >= shortestSecret)
                m_leaked.insert(secret);
            for (qsizetype i = 0; i + shortestPart <= secret.size(); ++i)
                m_parts.insert(secret.mid(i, shortestPart));
        }
    }
    m_leaks.push_back(std::move(leak));
}

/// What arrives begins as what went on, however much of it the other end takes for a packet; or names the fault.
void Masker::hideArrived(const TraceRecord &record, const QByteArray &bytes, QByteArray &safe)
{
    auto stream = m_streams.find(record.link);
    for (std::size_t i = m_leaks.size(); i-- > 0 && stream == m_streams.end();) {
        const Leak &leak = m_leaks[i];
        const qsizetype common = qMin(bytes.size(), leak.bytes.size());
        if (record.cause == leak.fault || bytes.startsWith(leak.bytes.first(common)))
            stream = m_streams.insert({record.link, {.leak = i}}).first;
    }
    if (stream == m_streams.end())
        return;
    const Leak &leak = m_leaks[stream->second.leak];
    hideAs(safe, leak.bytes, leak.hidden, stream->second.done);
    stream->second.done += bytes.size();
    if (stream->second.done >= leak.bytes.size())
        m_streams.erase(stream);
}

void Masker::hideSecrets(QByteArray &bytes) const
{
    if (bytes.size() < shortestSecret)
        return;
    for (const QByteArray &secret : m_leaked) {
        for (qsizetype at = bytes.indexOf(secret); at >= 0; at = bytes.indexOf(secret, at + secret.size()))
            std::fill_n(bytes.begin() + at, secret.size(), secretMask);
    }
}

/// A text may show less than all of it: a name that ends within a secret, because its length was changed.
QByteArray Masker::withoutParts(QByteArray text) const
{
    const QByteArray plain = text;
    hideSecrets(text);
    for (const QByteArray &secret : m_leaked)
        text.replace(secret.toHex(), QByteArray(secret.size() * 2, secretMask));
    for (qsizetype i = 0; i + shortestPart <= plain.size(); ++i) {
        if (m_parts.contains(plain.mid(i, shortestPart)))
            std::fill_n(text.begin() + i, shortestPart, secretMask);
    }
    return text;
}

/// What a user sends may be several packets, or a part of one.
QByteArray Masker::maskedFrames(LinkId link, const QByteArray &bytes)
{
    if (m_isWithinSecret.contains(link))
        return QByteArray(bytes.size(), secretMask);
    const auto version = m_versions.find(link.value);
    QByteArray safe;
    for (const QByteArray &frame : framesIn(bytes)) {
        safe += withoutSecrets(frame, version == m_versions.end() ? Version::V5 : version->second);
        if (!isWholeFrame(frame) && mayHoldSecrets(frame))
            m_isWithinSecret.insert(link);
    }
    return safe;
}

QString recordText(const TraceRecord &record, const QString &who, Masker &masker)
{
    const TraceRecord safe = masker.safe(record);
    return masker.safe(safe, recordText(safe, who));
}

} // namespace sessionscope
