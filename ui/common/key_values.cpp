#include "ui/common/key_values.h"

#include <QGridLayout>
#include <QLabel>

namespace sessionscope {

KeyValues::KeyValues(const QStringList &titles, QWidget *parent) : QWidget(parent)
{
    auto *grid = new QGridLayout(this);
    grid->setContentsMargins(12, 2, 12, 2);
    grid->setHorizontalSpacing(12);
    grid->setVerticalSpacing(2);
    grid->setColumnStretch(1, 1);
    for (int row = 0; row < titles.size(); ++row) {
        auto *title = new QLabel(titles[row]);
        title->setObjectName(QStringLiteral("dim"));
        title->setAlignment(Qt::AlignTop | Qt::AlignLeft);
        auto *value = new QLabel;
        value->setTextFormat(Qt::PlainText);
        value->setWordWrap(true);
        value->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
        grid->addWidget(title, row, 0);
        grid->addWidget(value, row, 1);
        m_titles << title;
        m_values << value;
    }
}

void KeyValues::setValue(int row, const QString &value)
{
    m_values[row]->setText(value);
    m_values[row]->setAccessibleName(m_titles[row]->text() + QStringLiteral(": ") + value);
    m_titles[row]->setVisible(!value.isEmpty());
    m_values[row]->setVisible(!value.isEmpty());
}

QString KeyValues::value(int row) const
{
    return m_values[row]->text();
}

} // namespace sessionscope
