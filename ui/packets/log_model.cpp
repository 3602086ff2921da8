#include "ui/packets/log_model.h"

namespace sessionscope {

bool TraceSource::includes(const LogDigest &record) const
{
    if (record.role == Role::Client)
        return client.value && record.owner == client.value;
    return !brokerLinks.isEmpty() && brokerLinks.contains({record.owner});
}

LogModel::LogModel(const TraceLog &log, QObject *parent) : QAbstractTableModel(parent), m_log(log)
{
    connect(&log, &TraceLog::appended, this, &LogModel::onAppended);
    connect(&log, &TraceLog::trimmed, this, &LogModel::onTrimmed);
}

void LogModel::setSource(const TraceSource &source)
{
    if (source == m_source)
        return;
    m_source = source;
    rebuild();
}

void LogModel::addBrokerLink(LinkId link, LogRow since)
{
    if (m_source.brokerLinks.contains(link))
        return;
    m_source.brokerLinks.insert(link);
    std::vector<LogRow> fresh;
    take(since, {{}, {link}}, fresh);
    insert(fresh);
}

int LogModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_rows.size());
}

void LogModel::rebuild()
{
    beginResetModel();
    m_rows.clear();
    take(m_log.begin(), m_source, m_rows);
    endResetModel();
}

void LogModel::take(LogRow first, const TraceSource &source, std::vector<LogRow> &out) const
{
    m_log.forDigests(first, [this, &source, &out](LogRow row, const LogDigest &digest) {
        if (source.includes(digest) && accepts(digest, row))
            out.push_back(row);
    });
}

void LogModel::onAppended(LogRow first)
{
    std::vector<LogRow> fresh;
    take(first, m_source, fresh);
    insert(fresh);
}

void LogModel::insert(const std::vector<LogRow> &fresh)
{
    // Rows of a link that is added stand between those of the links that ended meanwhile.
    for (auto from = fresh.begin(); from != fresh.end();) {
        const auto place = std::lower_bound(m_rows.begin(), m_rows.end(), *from);
        const auto to = place == m_rows.end() ? fresh.end() : std::lower_bound(from, fresh.end(), *place);
        const int first = int(place - m_rows.begin());
        beginInsertRows({}, first, first + int(to - from) - 1);
        m_rows.insert(place, from, to);
        endInsertRows();
        from = to;
    }
}

void LogModel::onTrimmed(LogRow first)
{
    const auto keep = std::lower_bound(m_rows.begin(), m_rows.end(), first);
    const int gone = int(keep - m_rows.begin());
    if (gone == 0)
        return;
    beginRemoveRows({}, 0, gone - 1);
    m_rows.erase(m_rows.begin(), keep);
    endRemoveRows();
}

} // namespace sessionscope
