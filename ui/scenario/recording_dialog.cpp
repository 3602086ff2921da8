#include "ui/scenario/recording_dialog.h"

#include "core/profile/profile_folder.h"
#include "ui/common/fields.h"
#include "ui/common/icons.h"
#include "ui/common/pill.h"
#include "ui/common/theme.h"
#include "ui/common/words.h"
#include "ui/scenario/replay.h"

#include <QApplication>
#include <QClipboard>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QMessageBox>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSettings>
#include <QVBoxLayout>

namespace sessionscope {

namespace {

constexpr QLatin1StringView folderKey("scenario/folder");

QLabel *paragraph(const QString &text)
{
    auto *label = new QLabel(text);
    label->setWordWrap(true);
    label->setTextFormat(Qt::PlainText);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    return label;
}

} // namespace

RecordingDialog::RecordingDialog(const Recorder &recording, Duration lasted, QWidget *parent)
    : QDialog(parent), m_recording(recording), m_name(new QLineEdit(recording.name())), m_text(new QPlainTextEdit),
      m_told(paragraph({}))
{
    setWindowTitle(tr("Recorded Scenario"));
    m_name->setAccessibleName(tr("Name of the scenario"));
    m_text->setAccessibleName(tr("Text of the scenario"));
    m_text->setObjectName(QStringLiteral("field"));
    m_text->setReadOnly(true);
    m_text->setLineWrapMode(QPlainTextEdit::NoWrap);
    m_text->setFont(monospaceFont());
    m_text->setPlainText(QString::fromUtf8(text()));
    m_told->setObjectName(QStringLiteral("dim"));
    m_told->hide();
    auto *nameLabel = new QLabel(tr("&Name"));
    nameLabel->setBuddy(m_name);
    auto *nameLine = new QHBoxLayout;
    nameLine->addWidget(nameLabel);
    nameLine->addWidget(m_name, 1);

    auto *layout = new QVBoxLayout(this);
    layout->setSpacing(8);
    layout->addLayout(nameLine);
    layout->addWidget(buildFacts(lasted));
    layout->addWidget(buildVerdict());
    layout->addWidget(m_text, 1);
    layout->addWidget(m_told);
    layout->addWidget(buildButtons());
    resize(760, 620);
    connect(m_name, &QLineEdit::textEdited, this, &RecordingDialog::rename);
}

QWidget *RecordingDialog::buildFacts(Duration lasted)
{
    QString text = tr("%n step(s) in %1.", nullptr, int(m_recording.steps())).arg(words::span(lasted));
    const QStringList variables = m_recording.passwordVariables();
    if (!variables.isEmpty())
        text += u' ' + tr("Passwords are not in it; it takes them from the environment: %1.")
                           .arg(variables.join(QStringLiteral(", ")));
    QLabel *label = paragraph(text);
    label->setObjectName(QStringLiteral("dim"));
    return label;
}

QWidget *RecordingDialog::buildVerdict()
{
    const Replay replay = replayOf(m_recording);
    QLabel *label = paragraph(replay.text);
    label->setAccessibleName(tr("What came of playing it again: %1").arg(replay.text));
    if (replay.tone == Tone::Neutral)
        return label;
    auto *line = new QWidget;
    auto *layout = new QHBoxLayout(line);
    layout->setContentsMargins(0, 0, 0, 0);
    auto *pill = new Pill;
    pill->setContent(replay.tone == Tone::Good ? tr("\u2714 passes") : tr("\u2718 fails"), replay.tone);
    layout->addWidget(pill, 0, Qt::AlignTop);
    layout->addWidget(label, 1);
    return line;
}

QWidget *RecordingDialog::buildButtons()
{
    auto *line = new QWidget;
    auto *layout = new QHBoxLayout(line);
    layout->setContentsMargins(0, 0, 0, 0);
    auto *copyButton = new QPushButton(themedIcon("copy"), tr("&Copy Text"));
    auto *closeButton = new QPushButton(tr("Close"));
    auto *saveButton = mainButton(tr("&Save As\u2026"));
    copyButton->setAutoDefault(false);
    closeButton->setAutoDefault(false);
    saveButton->setDefault(true);
    connect(copyButton, &QPushButton::clicked, this, &RecordingDialog::copy);
    connect(closeButton, &QPushButton::clicked, this, &RecordingDialog::reject);
    connect(saveButton, &QPushButton::clicked, this, &RecordingDialog::save);
    layout->addWidget(copyButton);
    layout->addStretch(1);
    layout->addWidget(closeButton);
    layout->addWidget(saveButton);
    return line;
}

QByteArray RecordingDialog::text() const
{
    return m_recording.file();
}

void RecordingDialog::rename(const QString &name)
{
    m_recording.setName(name);
    m_text->setPlainText(QString::fromUtf8(text()));
}

void RecordingDialog::copy()
{
    QApplication::clipboard()->setText(QString::fromUtf8(text()));
    m_isKept = true;
    m_told->setText(tr("The text is in the clipboard."));
    m_told->show();
}

void RecordingDialog::save()
{
    QSettings settings;
    const QString folder = settings.value(folderKey, QDir::homePath()).toString();
    const QString proposed = folder + u'/' + fileNameOf(m_recording.name()) + QStringLiteral(".yaml");
    QFileDialog dialog(this, tr("Save Scenario"), proposed, tr("Scenarios (*.yaml *.yml)"));
    dialog.setAcceptMode(QFileDialog::AcceptSave);
    dialog.setDefaultSuffix(QStringLiteral("yaml"));
    dialog.selectFile(QFileInfo(proposed).fileName());
    if (dialog.exec() != QDialog::Accepted)
        return;
    const QString path = dialog.selectedFiles().constFirst();
    if (const auto wrong = saveTextFile(path, text(), Overwrite::Yes)) {
        QMessageBox::warning(this, tr("Save Scenario"), *wrong);
        return;
    }
    settings.setValue(folderKey, QFileInfo(path).absolutePath());
    m_isKept = true;
    Q_EMIT saved(path);
    accept();
}

void RecordingDialog::reject()
{
    if (!m_isKept) {
        const auto answer =
            QMessageBox::question(this, tr("Recorded Scenario"), tr("The recording is in no file yet. Save it?"),
                                  QMessageBox::Save | QMessageBox::Discard | QMessageBox::Cancel, QMessageBox::Save);
        if (answer == QMessageBox::Save)
            return save();
        if (answer != QMessageBox::Discard)
            return;
    }
    QDialog::reject();
}

} // namespace sessionscope
