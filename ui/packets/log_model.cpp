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

int LogModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_rows.size());
}

void LogModel::rebuild()
{
    beginResetModel();
    m_rows.clear();
    take(m_log.begin(), m_rows);
    endResetModel();
}

void LogModel::take(LogRow first, std::vector<LogRow> &out) const
{
    m_log.forDigests(first, [this, &out](LogRow row, const LogDigest &digest) {
        if (m_source.includes(digest) && accepts(digest, row))
            out.push_back(row);
    });
}

void LogModel::onAppended(LogRow first)
{
    std::vector<LogRow> fresh;
    take(first, fresh);
    if (fresh.empty())
        return;
    const int count = int(m_rows.size());
    beginInsertRows({}, count, count + int(fresh.size()) - 1);
    m_rows.insert(m_rows.end(), fresh.begin(), fresh.end());
    endInsertRows();
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
