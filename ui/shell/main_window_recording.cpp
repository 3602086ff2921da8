// Recording in the main window: one action for tool bar, menu and key, and what it looks like while it runs.
#include "ui/shell/main_window.h"

#include "ui/common/icons.h"
#include "ui/common/words.h"
#include "ui/scenario/recording_dialog.h"
#include "ui/shell/scenario_recording.h"
#include "ui/shell/status_line.h"

#include <QAction>
#include <QDateTime>
#include <QMenuBar>
#include <QToolBar>
#include <QToolButton>

namespace sessionscope {

void MainWindow::buildRecording(QToolBar *bar)
{
    m_record = new QAction(this);
    m_record->setShortcut(Qt::CTRL | Qt::Key_R);
    m_record->setCheckable(true);
    connect(m_record, &QAction::triggered, this, &MainWindow::record);
    connect(m_recording, &ScenarioRecording::changed, this, &MainWindow::showRecording);
    connect(&m_feed, &LabFeed::ticked, this, [this] {
        if (m_recording->isRunning())
            showRecording();
    });

    auto *room = new QWidget;
    room->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    bar->addWidget(room);
    auto *button = new QToolButton;
    button->setObjectName(QStringLiteral("button"));
    button->setProperty("tone", QStringLiteral("record"));
    button->setDefaultAction(m_record);
    button->setToolButtonStyle(Qt::ToolButtonTextOnly);
    button->setFocusPolicy(Qt::TabFocus);
    bar->addWidget(button);
    showRecording();
}

void MainWindow::buildScenarioMenu()
{
    menuBar()->addMenu(tr("&Scenario"))->addAction(m_record);
}

void MainWindow::record(bool on)
{
    if (!on) {
        stopRecording();
        return;
    }
    const QString now = QDateTime::currentDateTime().toString(QStringLiteral("yyyy-MM-dd HH:mm"));
    m_recording->start(tr("Recorded %1").arg(now), m_control.bundled());
}

QDialog *MainWindow::stopRecording()
{
    const Duration lasted = m_recording->lasted();
    auto *dialog = new RecordingDialog(m_recording->stop(), lasted, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &RecordingDialog::saved, this, [this](const QString &path) {
        m_status->showMessage(tr("Saved. Play it: sessionscope-cli run %1").arg(path), noticeTime);
    });
    dialog->open();
    return dialog;
}

void MainWindow::showRecording()
{
    const bool isRunning = m_recording->isRunning();
    m_record->setChecked(isRunning);
    if (!isRunning) {
        m_record->setText(tr("\u25cf &Record"));
        m_record->setToolTip(tr("Write down what is done from now on, on every page, as a scenario (Ctrl+R)"));
        return;
    }
    const QString steps = tr("%n step(s)", nullptr, int(m_recording->steps()));
    m_record->setText(tr("\u25a0 Stop &Recording") + QStringLiteral(" \u00b7 ") + steps + QStringLiteral(" \u00b7 ") +
                      words::span(m_recording->lasted()));
    m_record->setToolTip(tr("End the recording and look at its scenario (Ctrl+R)"));
}

} // namespace sessionscope
