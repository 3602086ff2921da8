// Small builders for forms, so that every form has the same spacing, labels and accessible names.
#pragma once

#include "core/mqtt/types.h"

#include <QString>

class QComboBox;
class QFormLayout;
class QLineEdit;
class QPushButton;
class QSpinBox;
class QWidget;

namespace sessionscope {

/// A dense form layout set on owner.
QFormLayout *formLayout(QWidget *owner);

/// Adds a row; name is what a screen reader calls the field, the label may be shorter.
void addField(QFormLayout *layout, const QString &label, QWidget *field, const QString &name);

/// QoS 0, 1, 2.
QComboBox *qosCombo(const QString &name);
Qos qosOf(const QComboBox *combo);

/// A number without arrow buttons; the keys Up and Down still step it.
QSpinBox *numberField(int minimum, int maximum, const QString &suffix = {});

/// A button in the field, and Ctrl+O while it has the focus, to choose the file that it names.
void addFileChooser(QLineEdit *field, const QString &title);

/// The button that a form is for.
QPushButton *mainButton(const QString &text);

} // namespace sessionscope
