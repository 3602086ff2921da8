#include "core/lab/link_faults.h"

#include <algorithm>

namespace sessionscope {

void Lane::push(Parcel parcel, Instant now)
{
    parcel.notBefore = std::max(parcel.notBefore, now);
    m_size += parcel.bytes.size();
    m_parcels.push_back(std::move(parcel));
}

std::optional<Lane::Passed> Lane::pass(Instant now)
{
    if (m_throttle.until && *m_throttle.until <= now)
        m_throttle = {};
    if (m_isSilent || m_parcels.empty())
        return {};
    const Instant due = pieceDue();
    if (due > now)
        return {};
    Parcel &first = m_parcels.front();
    Passed passed{first.bytes.sliced(m_passed, pieceSize()), {}};
    m_busyUntil = due;
    m_passed += passed.piece.size();
    m_size -= passed.piece.size();
    if (m_passed == first.bytes.size()) {
        passed.whole = std::move(first);
        m_parcels.pop_front();
        m_passed = 0;
    }
    return passed;
}

void Lane::clear()
{
    m_parcels.clear();
    m_size = m_passed = 0;
}

void Lane::silence(std::optional<Instant> until)
{
    m_isSilent = true;
    m_silentUntil = until;
}

// The silence is no time in which a throttled lane passes bytes.
void Lane::endSilence(Instant now)
{
    m_isSilent = false;
    m_busyUntil = std::max(m_busyUntil, now);
}

std::optional<Instant> Lane::nextDeadline() const
{
    if (m_isSilent)
        return m_silentUntil;
    if (m_parcels.empty())
        return {};
    return m_throttle.until ? std::min(*m_throttle.until, pieceDue()) : pieceDue();
}

qsizetype Lane::pieceSize() const
{
    const qsizetype rest = m_parcels.front().bytes.size() - m_passed;
    const quint32 rate = m_throttle.bytesPerSecond;
    return rate == 0 ? rest : std::min(rest, qsizetype(std::max(rate / piecesPerSecond, 1u)));
}

/// Of the first parcel.
Instant Lane::pieceDue() const
{
    const Instant start = m_parcels.front().notBefore;
    const quint32 rate = m_throttle.bytesPerSecond;
    if (rate == 0)
        return start;
    const qsizetype micros = (pieceSize() * 1'000'000 + rate - 1) / rate;
    return std::max(start, m_busyUntil) + Duration(micros);
}

std::optional<Instant> LinkFaults::nextDeadline() const
{
    const auto sent = out.nextDeadline();
    const auto received = in.nextDeadline();
    return sent && received ? std::min(*sent, *received) : sent ? sent : received;
}

bool ArmedFault::count()
{
    ++matched;
    return matched >= fault.match.nth && !isBehindLast(matched);
}

bool ArmedFault::isBehindLast(quint64 match) const
{
    return fault.times != 0 && match >= quint64(std::max(fault.match.nth, 1u)) + fault.times;
}

} // namespace sessionscope
