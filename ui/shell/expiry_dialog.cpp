#include "ui/shell/expiry_dialog.h"

#include "ui/connect/expiry_field.h"

#include <QCoreApplication>
#include <QDialog>
#include <QDialogButtonBox>
#include <QLabel>
#include <QVBoxLayout>

namespace sessionscope {

std::optional<quint32> askForExpiry(QWidget *parent, quint32 proposal)
{
    QDialog dialog(parent);
    dialog.setWindowTitle(QCoreApplication::translate("ExpiryDialog", "New session expiry"));
    auto *layout = new QVBoxLayout(&dialog);
    auto *label = new QLabel(QCoreApplication::translate("ExpiryDialog", "Keep the session after this DISCONNECT for"));
    auto *field = new SecondsField(QCoreApplication::translate("ExpiryDialog", "New session expiry"), 1);
    field->setSeconds(proposal);
    label->setBuddy(field);
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Ok | QDialogButtonBox::Cancel);
    layout->addWidget(label);
    layout->addWidget(field);
    layout->addWidget(buttons);
    QObject::connect(buttons, &QDialogButtonBox::accepted, &dialog, &QDialog::accept);
    QObject::connect(buttons, &QDialogButtonBox::rejected, &dialog, &QDialog::reject);
    field->setFocus();
    return dialog.exec() == QDialog::Accepted ? std::optional(field->seconds()) : std::nullopt;
}

} // namespace sessionscope
