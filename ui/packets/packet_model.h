// The packets of one page in order, with the events between them. Cells are put into words when they are painted.
#pragma once

#include "ui/packets/finding_words.h"
#include "ui/packets/log_model.h"
#include "ui/packets/packet_filter.h"
#include "ui/packets/packet_words.h"

namespace sessionscope {

class PacketModel : public LogModel
{
    Q_OBJECT

public:
    enum Column
    {
        Number,
        Time,
        Arrow,
        Packet,
        Id,
        Summary,
        Bytes,
        Columns
    };

    using LogModel::LogModel;

    void setFilter(const PacketFilter &filter);
    /// What is wrong with the packet of a row, or what the row itself tells of that.
    QList<ShownFinding> findings(int row) const;

    int columnCount(const QModelIndex &parent = {}) const override { return parent.isValid() ? 0 : Columns; }
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    QVariant data(const QModelIndex &index, int role) const override;

protected:
    bool accepts(const LogDigest &digest, LogRow row) const override;

private:
    /// Findings stand right behind their packet, but for what the other end did at the same moment.
    static constexpr LogRow findingsWithin = 64;

    QString text(const TraceRecord &record, int column, PayloadShown payload) const;
    QVariant colour(const TraceRecord &record, int column) const;

    PacketFilter m_filter;
};

} // namespace sessionscope
