#include "ui/common/fields.h"

#include "ui/common/icons.h"

#include <QAction>
#include <QComboBox>
#include <QCoreApplication>
#include <QFileDialog>
#include <QFileInfo>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSpinBox>

namespace sessionscope {

namespace {

constexpr int labelCharacters = 14;

} // namespace

QFormLayout *formLayout(QWidget *owner)
{
    auto *layout = new QFormLayout(owner);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setHorizontalSpacing(10);
    layout->setVerticalSpacing(5);
    layout->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    layout->setLabelAlignment(Qt::AlignLeft);
    layout->setRowWrapPolicy(QFormLayout::DontWrapRows);
    return layout;
}

void addField(QFormLayout *layout, const QString &label, QWidget *field, const QString &name)
{
    field->setAccessibleName(name);
    layout->addRow(label, field);
    if (auto *caption = qobject_cast<QLabel *>(layout->labelForField(field))) {
        caption->setObjectName(QStringLiteral("dim"));
        caption->setBuddy(field);
        // Labels of neighbouring groups end at the same place.
        caption->setMinimumWidth(caption->fontMetrics().averageCharWidth() * labelCharacters);
    }
}

QComboBox *qosCombo(const QString &name)
{
    auto *combo = new QComboBox;
    combo->setAccessibleName(name);
    combo->addItem(QCoreApplication::translate("Fields", "0 at most once"));
    combo->addItem(QCoreApplication::translate("Fields", "1 at least once"));
    combo->addItem(QCoreApplication::translate("Fields", "2 exactly once"));
    return combo;
}

Qos qosOf(const QComboBox *combo)
{
    return Qos(combo->currentIndex());
}

QSpinBox *numberField(int minimum, int maximum, const QString &suffix)
{
    auto *field = new QSpinBox;
    field->setRange(minimum, maximum);
    field->setSuffix(suffix);
    field->setButtonSymbols(QAbstractSpinBox::NoButtons);
    return field;
}

void addFileChooser(QLineEdit *field, const QString &title)
{
    QAction *choose = field->addAction(themedIcon("folder"), QLineEdit::TrailingPosition);
    choose->setText(title);
    choose->setToolTip(QCoreApplication::translate("Fields", "%1 (Ctrl+O in the field)").arg(title));
    choose->setShortcut(QKeySequence::Open);
    choose->setShortcutContext(Qt::WidgetShortcut);
    QObject::connect(choose, &QAction::triggered, field, [field, title] {
        const QString path = QFileDialog::getOpenFileName(field, title, QFileInfo(field->text()).path());
        if (!path.isEmpty())
            field->setText(path);
    });
}

QPushButton *mainButton(const QString &text)
{
    auto *button = new QPushButton(text);
    button->setProperty("tone", QStringLiteral("main"));
    return button;
}

} // namespace sessionscope
