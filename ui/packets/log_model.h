// A table over those rows of the trace log that a list wants to show: its own index, appended to as records come,
// rebuilt in one go when the choice changes other than by a link more. Never a sorting or filtering proxy: those do not
// keep up with a live list.
#pragma once

#include "ui/packets/trace_log.h"

#include <QAbstractTableModel>
#include <QSet>

namespace sessionscope {

/// Whose records a page shows: one client's end, or the broker's end of some links.
struct TraceSource
{
    ClientKey client;
    QSet<LinkId> brokerLinks;

    bool includes(const LogDigest &record) const;
    bool operator==(const TraceSource &) const = default;
};

class LogModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    /// log outlives the model.
    LogModel(const TraceLog &log, QObject *parent);

    void setSource(const TraceSource &source);
    /// The rows of one more link of the source come to those that are here, which stay. since: the first row of the log
    /// that the link can have. The model has to have all rows of the log: it is connected to the log before who asks.
    void addBrokerLink(LinkId link, LogRow since);
    /// The record behind a row of this model.
    const TraceRecord &record(int row) const { return m_log.at(m_rows[std::size_t(row)]); }
    int rowCount(const QModelIndex &parent = {}) const override;

protected:
    /// Place in the log of a row of this model.
    LogRow logRow(int row) const { return m_rows[std::size_t(row)]; }
    const TraceLog &log() const { return m_log; }
    /// Whether this list shows the record, apart from the source.
    virtual bool accepts(const LogDigest &digest, LogRow row) const = 0;
    /// Reads the whole log again.
    void rebuild();

private:
    void take(LogRow first, const TraceSource &source, std::vector<LogRow> &out) const;
    void insert(const std::vector<LogRow> &fresh);
    void onAppended(LogRow first);
    void onTrimmed(LogRow first);

    const TraceLog &m_log;
    TraceSource m_source;
    std::vector<LogRow> m_rows; ///< ascending
};

} // namespace sessionscope
