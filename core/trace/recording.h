// A trace as a file that stands for itself, so that what happened once can be looked at anywhere and later: one JSON
// object a line, first what it is a recording of, then every record, between them how both ends stood when a connection
// had ended. resources/help/recordings.md tells every key.
// Secrets are masked on the way out: what stands where a password or authentication data were says nothing of them but
// their length.
#pragma once

#include "core/base/result.h"
#include "core/trace/trace.h"

#include <QStringList>

#include <map>
#include <set>

namespace sessionscope {

/// How the two ends of a client's session stood, at a record.
struct Standing
{
    TraceSeq after;
    Instant at;
    ClientKey client;
    QString text;
    bool operator==(const Standing &) const = default;
};

struct Recording
{
    QString program;                 ///< name and version of what recorded it
    QString title;                   ///< the scenario's name, or whom a client met
    QString source;                  ///< the scenario's file
    QString broker;                  ///< "bundled", or its URL
    QString verdict;                 ///< of a scenario: "failed"
    QStringList outcome;             ///< what failed, a line each
    std::optional<quint64> seed;     ///< of a run
    std::optional<qint64> startedAt; ///< of real time: milliseconds since 1970; none: virtual time
    std::map<ClientKey, QString> clients;
    std::vector<TraceRecord> records; ///< in their order
    quint64 leftOut = 0;              ///< records before the first one, which the trace had let go of
    std::vector<Standing> standings;
    std::shared_ptr<std::set<QByteArray>> words = {}; ///< what the records of a recording that was read refer to

    /// "door", or "" for a client that has no name.
    QString nameOf(ClientKey client) const;
};

/// All that a trace still holds.
std::vector<TraceRecord> recordsOf(const Trace &trace);

/// The largest file that is read, and the most records of one.
inline constexpr qsizetype recordingBytesLimit = 1024LL * 1024 * 1024;
inline constexpr std::size_t recordingRecordsLimit = 5'000'000;
/// The form of the file; one with a higher number is refused.
inline constexpr int recordingForm = 1;

/// Whether a text is meant to be a recording, by its beginning.
bool isRecording(const QByteArray &text);
QByteArray writeRecording(const Recording &recording);
/// The error says in which line: "line 12: …".
Result<Recording, QString> readRecording(const QByteArray &text);

} // namespace sessionscope
