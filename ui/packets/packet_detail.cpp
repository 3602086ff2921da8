#include "ui/packets/packet_detail.h"

#include "ui/common/column_scroll.h"
#include "ui/common/table_view.h"
#include "ui/common/theme.h"
#include "ui/common/value_label.h"
#include "ui/common/words.h"
#include "ui/packets/event_words.h"
#include "ui/packets/finding_label.h"
#include "ui/packets/hex_text.h"
#include "ui/packets/packet_peek.h"
#include "ui/packets/packet_words.h"

#include <QBrush>
#include <QHeaderView>
#include <QPlainTextEdit>
#include <QSplitter>
#include <QTextBlock>
#include <QVBoxLayout>

namespace sessionscope {

void FieldModel::setFields(const QList<FieldSpan> &fields, std::function<QList<FieldSpan>()> inFull)
{
    beginResetModel();
    m_inFull = std::move(inFull);
    m_fieldsInFull.clear();
    m_fields = fields;
    endResetModel();
}

int FieldModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_fields.size());
}

QVariant FieldModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    return section == 0 ? tr("Field") : tr("Value");
}

QVariant FieldModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const FieldSpan &field = m_fields[index.row()];
    const bool name = index.column() == 0;
    switch (role) {
    case Qt::DisplayRole:
        return name ? QString(field.depth * 3, QLatin1Char(' ')) + QString::fromUtf8(field.name)
                    : words::payloadPreview(field.value, 400);
    case fullTextRole:
        return name ? QVariant() : valueInFull(index.row());
    case Qt::ToolTipRole:
        return tr("%1, bytes %2 to %3")
            .arg(QString::fromUtf8(field.name))
            .arg(field.offset)
            .arg(field.offset + std::max<qsizetype>(field.length, 1) - 1);
    case Qt::ForegroundRole:
        if (field.name == "Malformed")
            return QBrush(colours().bad);
        return name ? QVariant(QBrush(colours().dim)) : QVariant();
    case Qt::FontRole:
        return name ? QVariant() : QVariant(monospaceFont());
    default:
        return {};
    }
}

QVariant FieldModel::valueInFull(int row) const
{
    if (m_fieldsInFull.isEmpty() && m_inFull)
        m_fieldsInFull = m_inFull();
    return row < m_fieldsInFull.size() ? QString::fromUtf8(m_fieldsInFull[row].value) : QVariant();
}

PacketDetail::PacketDetail(const TraceLog &log, QWidget *parent)
    : QWidget(parent), m_log(log), m_title(new ValueLabel), m_findings(new FindingLabel),
      m_fields(new FieldModel(this)), m_table(new TableView(tr("Fields of the packet"))), m_hex(new QPlainTextEdit),
      m_parts(new QSplitter(Qt::Vertical))
{
    m_title->setObjectName(QStringLiteral("panelTitle"));
    m_title->setMargin(6);
    m_title->setWordWrap(true);
    m_table->setModel(m_fields);
    m_table->setColumnCharacters({22, 0});
    m_table->horizontalHeader()->hide();
    m_hex->setReadOnly(true);
    m_hex->setAccessibleName(tr("Bytes of the packet"));
    m_hex->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_hex->setLineWrapMode(QPlainTextEdit::NoWrap);
    m_hex->setTabChangesFocus(true);
    m_hex->setFont(monospaceFont());

    m_parts->setHandleWidth(1);
    m_parts->addWidget(new ColumnScroll(m_findings));
    m_parts->addWidget(m_table);
    m_parts->addWidget(m_hex);
    m_parts->setStretchFactor(1, 3);
    m_parts->setStretchFactor(2, 2);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(6, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_title);
    layout->addWidget(m_parts, 1);

    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            [this](const QModelIndex &row) { markField(row.row()); });
    connect(m_hex, &QPlainTextEdit::cursorPositionChanged, this, [this] {
        const QTextCursor cursor = m_hex->textCursor();
        if (!m_marking)
            selectFieldAt(hex::byteAt(cursor.blockNumber(), cursor.positionInBlock(), m_shownBytes));
    });
    setRecord(nullptr);
}

void PacketDetail::setRecord(const TraceRecord *record, const QList<ShownFinding> &findings)
{
    m_findings->setFindings(findings);
    m_fields->setFields({});
    m_hex->clear();
    m_shownBytes = 0;
    const auto *packet = record ? std::get_if<PacketTrace>(&record->what) : nullptr;
    if (packet)
        showPacket(*record, *packet);
    else if (record)
        m_title->setValue(
            m_log.shown(*record, eventWords(*record).kind + QStringLiteral(": ") + eventWords(*record).text));
    else
        m_title->setRemark(tr("Select a packet to see its fields and bytes."));
    m_title->setVisible(packet || findings.isEmpty()); // a finding has a title of its own
    m_parts->widget(0)->setVisible(!findings.isEmpty());
    m_table->setVisible(packet);
    m_hex->setVisible(packet);
}

QString PacketDetail::title() const
{
    return m_title->text();
}

QString PacketDetail::hexText() const
{
    return m_hex->toPlainText();
}

QList<FieldSpan> PacketDetail::fieldsOf(const TraceRecord &record, qsizetype longest) const
{
    const PacketTrace &packet = std::get<PacketTrace>(record.what);
    QList<FieldSpan> fields = dissect(packet.frame(), packet.version, longest);
    if (m_log.hasLeak()) {
        for (FieldSpan &field : fields)
            field.value = m_log.shown(record, QString::fromUtf8(field.value)).toUtf8();
    }
    return fields;
}

void PacketDetail::showPacket(const TraceRecord &record, const PacketTrace &packet)
{
    m_title->setValue(
        QStringLiteral("%1 \u00b7 %2 \u00b7 %3")
            .arg(words::packet(peek(packet).type), words::bytes(packet.size()), words::version(packet.version)));
    const QByteArray frame = packet.frame();
    m_fields->setFields(fieldsOf(record, longestPreview),
                        [this, record, all = frame.size()] { return fieldsOf(record, all); });
    m_shownBytes = std::min<qsizetype>(frame.size(), hexLimit);
    QString text = hex::dump(frame, hexLimit);
    if (frame.size() > hexLimit)
        text += QLatin1Char('\n') + tr("\u2026 %1 more").arg(words::bytes(frame.size() - hexLimit));
    m_marking = true;
    m_hex->setPlainText(text);
    m_hex->setExtraSelections({});
    m_marking = false;
}

void PacketDetail::markField(int row)
{
    QList<QTextEdit::ExtraSelection> marks;
    if (row >= 0 && row < m_fields->fields().size()) {
        const FieldSpan &field = m_fields->fields()[row];
        const qsizetype last = std::min(field.offset + field.length, m_shownBytes) - 1;
        // One mark a line and column block, so that a long field costs lines, not bytes.
        for (qsizetype byte = field.offset; byte <= last;) {
            const qsizetype lineEnd = std::min(last, (byte / hex::bytesPerLine + 1) * hex::bytesPerLine - 1);
            const QTextBlock block = m_hex->document()->findBlockByNumber(int(byte / hex::bytesPerLine));
            const auto mark = [&](int from, int to) {
                QTextEdit::ExtraSelection selection;
                selection.cursor = QTextCursor(block);
                selection.cursor.setPosition(block.position() + from);
                selection.cursor.setPosition(block.position() + to, QTextCursor::KeepAnchor);
                selection.format.setBackground(colours().selection);
                marks.append(selection);
            };
            mark(hex::digitColumn(byte), hex::digitColumn(lineEnd) + 2);
            mark(hex::characterColumn(byte), hex::characterColumn(lineEnd) + 1);
            byte = lineEnd + 1;
        }
    }
    m_hex->setExtraSelections(marks);
}

void PacketDetail::selectFieldAt(qsizetype byte)
{
    if (byte < 0)
        return;
    int best = -1;
    for (int row = 0; row < m_fields->fields().size(); ++row) {
        const FieldSpan &field = m_fields->fields()[row];
        if (byte >= field.offset && byte < field.offset + field.length)
            best = row; // the deepest one comes last
    }
    if (best >= 0)
        m_table->selectRow(best);
}

} // namespace sessionscope
