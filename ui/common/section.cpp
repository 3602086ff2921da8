#include "ui/common/section.h"

#include "ui/common/table_view.h"

#include <QHBoxLayout>
#include <QLabel>

namespace sessionscope {

Section::Section(const QString &title, QWidget *content, QWidget *parent)
    : QWidget(parent), m_title(new QLabel(title)), m_summary(new QLabel), m_content(content)
{
    QFont bold = font();
    bold.setWeight(QFont::DemiBold);
    m_title->setFont(bold);
    m_summary->setObjectName(QStringLiteral("dim"));
    m_summary->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_summary->setWordWrap(true);

    auto *heading = new QHBoxLayout;
    heading->setContentsMargins(12, 7, 12, 1);
    heading->setSpacing(7);
    heading->addWidget(m_title);
    heading->addWidget(m_summary, 1);

    auto *body = new QVBoxLayout;
    body->setContentsMargins(qobject_cast<TableView *>(content) ? TableView::sideMargin : 0, 0, 0, 0);
    body->addWidget(m_content);

    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(heading);
    layout->addLayout(body);
}

void Section::setSummary(const QString &summary, bool hasContent)
{
    m_summary->setText(summary);
    m_content->setVisible(hasContent);
}

QString Section::summary() const
{
    return m_summary->text();
}

} // namespace sessionscope
