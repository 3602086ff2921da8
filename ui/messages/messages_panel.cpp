#include "ui/messages/messages_panel.h"

#include "ui/common/table_view.h"
#include "ui/common/theme.h"
#include "ui/common/words.h"
#include "ui/packets/hex_text.h"

#include <QHBoxLayout>
#include <QPlainTextEdit>
#include <QSplitter>

namespace sessionscope {

namespace {

QString valueText(const Property &property)
{
    if (const auto *number = std::get_if<quint32>(&property.value))
        return QString::number(*number);
    if (const auto *bytes = std::get_if<QByteArray>(&property.value))
        return words::payloadInFull(*bytes);
    const auto &pair = std::get<StringPair>(property.value);
    return words::text(pair.name) + QStringLiteral(" = ") + words::text(pair.value);
}

QString propertiesText(const Properties &properties)
{
    QString text;
    for (const Property &property : properties) {
        const PropertyInfo *info = propertyInfo(property.id);
        text += QString::fromLatin1(info ? info->name : "?") + QStringLiteral(": ") + valueText(property) +
                QLatin1Char('\n');
    }
    return text;
}

QString payloadText(const QByteArray &payload)
{
    const QByteArray shown = payload.first(std::min(payload.size(), MessagesPanel::payloadLimit));
    QString text = payload.isValidUtf8() ? QString::fromUtf8(shown) : hex::dump(shown, shown.size());
    if (shown.size() < payload.size())
        text +=
            QLatin1Char('\n') + MessagesPanel::tr("\u2026 %1 more").arg(words::bytes(payload.size() - shown.size()));
    return text;
}

} // namespace

MessagesPanel::MessagesPanel(const TraceLog &log, QWidget *parent)
    : QWidget(parent), m_log(log), m_model(new MessageModel(log, this)),
      m_table(new TableView(tr("Messages received"))), m_detail(new QPlainTextEdit)
{
    m_table->setModel(m_model);
    m_table->setColumnCharacters({6, 12, 16, 4, 6, 0, 6});
    m_detail->setReadOnly(true);
    m_detail->setAccessibleName(tr("Message"));
    m_detail->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_detail->setTabChangesFocus(true);
    m_detail->setFont(monospaceFont());
    m_detail->setPlaceholderText(tr("Select a message to read it."));

    auto *splitter = new QSplitter(Qt::Horizontal);
    splitter->setHandleWidth(1);
    splitter->addWidget(m_table);
    splitter->addWidget(m_detail);
    splitter->setStretchFactor(0, 5);
    splitter->setStretchFactor(1, 3);
    splitter->setSizes({600, 300});
    splitter->setChildrenCollapsible(false);
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(TableView::sideMargin, 0, 0, 0);
    layout->addWidget(splitter);

    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this, &MessagesPanel::showCurrent);
    connect(m_model, &QAbstractItemModel::modelReset, this, &MessagesPanel::showCurrent);
}

void MessagesPanel::showCurrent()
{
    const QModelIndex current = m_table->currentIndex();
    if (!current.isValid()) {
        m_detail->clear();
        return;
    }
    const PublishPacket &message = m_model->message(current.row());
    const QString properties = propertiesText(message.properties);
    const QString text =
        properties + (properties.isEmpty() ? QString() : QStringLiteral("\n")) + payloadText(message.payload);
    m_detail->setPlainText(m_log.shown(m_model->record(current.row()), text));
}

} // namespace sessionscope
