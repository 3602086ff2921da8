// Records of a trace without the secrets in them: for all that is shown of them, and for files.
#pragma once

#include "core/trace/trace_record.h"

#include <map>
#include <set>
#include <unordered_map>
#include <vector>

namespace sessionscope {

/// Looks at the records of a trace in their order. Masks secrets in packets, in the bytes that a fault has made of one,
/// and in what the other end took these for: byte by byte, whatever they look like there. A secret that went on in a
/// packet that was corrupted is masked wherever it shows up later, and parts of it in whatever arrives or is no packet.
/// Masked bytes keep their number, or packets would not be what they were; a mask in a text has always the same length.
class Masker
{
public:
    /// What stands in a text instead of a secret.
    static constexpr char textMask[] = "********";
    /// Packets with secrets that are remembered, the latest ones, for the faults that follow of them.
    static constexpr std::size_t secretsLimit = 1000;

    /// bytes: of a packet, or of what went on instead of one. The result has the same size.
    QByteArray masked(const TraceRecord &record, const QByteArray &bytes);
    /// Makes of the record what may be shown, with packets, faults and texts masked. What reports hold is not.
    void hide(TraceRecord &record);
    /// The same of a copy.
    TraceRecord safe(TraceRecord record);
    /// What a report says, or how the ends stand: also without parts of secrets.
    QString safe(const QString &text) const;
    /// A text about this record, which is safe itself.
    QString safe(const TraceRecord &record, const QString &text) const;
    /// A value that has to keep its size.
    QString safeValue(const QString &value) const;
    /// Whether texts may hold one.
    bool hasLeak() const { return !m_leaks.empty(); }

private:
    /// A packet with a secret that a fault has changed on its way.
    struct Leak
    {
        TraceSeq fault;
        QByteArray bytes;
        QByteArray hidden; ///< masked, of the same size
    };
    /// What arrives of one, in as many frames as the other end makes of it.
    struct Stream
    {
        std::size_t leak = 0;
        qsizetype done = 0;
    };

    void noteLeak(Leak leak, const QByteArray &original, const QByteArray &originalHidden);
    void hideArrived(const TraceRecord &record, const QByteArray &bytes, QByteArray &safe);
    void hideSecrets(QByteArray &bytes) const;
    QByteArray withoutParts(QByteArray text) const;
    void remember(TraceSeq packet, const QByteArray &plain, const QByteArray &hidden);
    QByteArray maskedFrames(LinkId link, const QByteArray &bytes);

    std::set<LinkId> m_isWithinSecret;               ///< links on which a packet that may hold one was sent in parts
    std::unordered_map<quint32, Version> m_versions; ///< by link
    std::map<TraceSeq, std::pair<QByteArray, QByteArray>> m_secrets; ///< by record: as it was, and masked
    std::vector<Leak> m_leaks;
    std::map<LinkId, Stream> m_streams;
    std::set<QByteArray> m_leaked; ///< the secrets in m_leaks
    std::set<QByteArray> m_parts;  ///< every part of them that is as long as the shortest that is masked
};

/// recordText() of the record, for which masker has its turn.
QString recordText(const TraceRecord &record, const QString &who, Masker &masker);

} // namespace sessionscope
