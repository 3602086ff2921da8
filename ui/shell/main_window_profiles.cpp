// The profiles of the main window: from the folder into the list, and back.
#include "ui/shell/main_window.h"

#include "ui/connect/profile_list.h"
#include "ui/connect/profile_store.h"
#include "ui/shell/page_book.h"
#include "ui/shell/status_line.h"

#include <QEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QMessageBox>
#include <QPushButton>

namespace sessionscope {

void MainWindow::readProfiles()
{
    Problems problems;
    QList<ProfileEntry> profiles = storedProfiles(profileFolder(), problems);
    if (profiles.isEmpty())
        profiles = startingProfiles();
    for (ProfileEntry &profile : profiles) {
        profile.key = m_feed.newKey();
        m_profiles->add(profile);
    }
    if (!problems.empty())
        m_status->showMessage(tr("%n problem(s) in profiles; the first: %1", nullptr, int(problems.size()))
                                  .arg(problemText(problems.front())));
}

void MainWindow::readProfilesAgain()
{
    for (int row = 0; row < m_profiles->rowCount(); ++row) {
        const ProfileEntry &entry = m_profiles->at(row);
        if (entry.isChanged || !isChangedElsewhere(entry))
            continue;
        const auto again = readAgain(entry);
        if (!again) {
            m_status->showMessage(tr("%1 is no profile any more").arg(entry.path), noticeTime);
            continue;
        }
        m_profiles->setStored(row, *again);
        m_pages->reloadForm(row);
        m_status->showMessage(tr("%1 was changed elsewhere and read again").arg(again->path), noticeTime);
    }
    Problems problems;
    for (ProfileEntry &entry : storedProfiles(profileFolder(), problems)) {
        const auto isKnown = [&entry](const ProfileEntry &known) { return known.path == entry.path; };
        if (std::ranges::any_of(m_profiles->profiles(), isKnown))
            continue;
        entry.key = m_feed.newKey();
        m_profiles->add(entry);
        m_status->showMessage(tr("%1 is new").arg(entry.path), noticeTime);
    }
}

void MainWindow::changeEvent(QEvent *event)
{
    QMainWindow::changeEvent(event);
    if (event->type() == QEvent::ActivationChange && isActiveWindow())
        readProfilesAgain();
}

std::optional<MainWindow::Theirs> MainWindow::askAboutTheirs(const ProfileEntry &entry)
{
    QMessageBox box(QMessageBox::Warning, tr("Save profile"),
                    tr("%1 was changed by somebody else since it was read here.").arg(entry.path), QMessageBox::Cancel,
                    this);
    const QPushButton *overwrite = box.addButton(tr("&Overwrite"), QMessageBox::DestructiveRole);
    const QPushButton *load = box.addButton(tr("&Load Theirs"), QMessageBox::AcceptRole);
    box.setDefaultButton(QMessageBox::Cancel);
    box.exec();
    if (box.clickedButton() == overwrite)
        return Theirs::Overwritten;
    return box.clickedButton() == load ? std::optional(Theirs::Loaded) : std::nullopt;
}

bool MainWindow::saveProfile(int row)
{
    const ProfileEntry entry = m_profiles->at(row);
    if (isChangedElsewhere(entry)) {
        const auto theirs = askAboutTheirs(entry);
        if (!theirs)
            return false;
        if (const auto again = readAgain(entry); theirs == Theirs::Loaded && again) {
            m_profiles->setStored(row, *again);
            m_pages->reloadForm(row);
            return true;
        }
    }
    const auto stored = saveEntry(entry, profileFolder());
    if (!stored) {
        QMessageBox::warning(this, tr("Save profile"), stored.error());
        return false;
    }
    m_profiles->setStored(row, *stored);
    m_pages->reloadForm(row);
    m_status->showMessage(tr("Saved as %1").arg(stored->path), noticeTime);
    return true;
}

bool MainWindow::saveBeforeClosing()
{
    QStringList names;
    const QList<int> rows = m_profiles->changedRows();
    for (const int row : rows)
        names << m_profiles->at(row).name;
    if (rows.isEmpty())
        return true;
    const auto answer = QMessageBox::question(
        this, tr("Save profiles"), tr("Save what was changed? %1").arg(names.join(QStringLiteral(", "))),
        QMessageBox::SaveAll | QMessageBox::Discard | QMessageBox::Cancel, QMessageBox::SaveAll);
    if (answer == QMessageBox::Discard)
        return true;
    return answer == QMessageBox::SaveAll && std::ranges::all_of(rows, [this](int row) { return saveProfile(row); });
}

void MainWindow::addProfile()
{
    ProfileEntry profile;
    profile.key = m_feed.newKey();
    profile.name = m_profiles->freeName(tr("client"));
    profile.values.clientId = profile.name;
    profile.isChanged = true;
    m_profileList->setCurrentRow(m_profiles->add(profile));
    m_profileList->rename();
}

void MainWindow::importProfiles()
{
    const std::pair<QString, ImportFormat> formats[] = {
        {tr("MQTTX, exported data (*.json)"), ImportFormat::Mqttx},
        {tr("MQTT Explorer, settings.json or exported connections (*.json)"), ImportFormat::MqttExplorer},
        {tr("mosquitto_sub and mosquitto_pub, command lines (*)"), ImportFormat::Mosquitto}};
    QStringList filters;
    for (const auto &[words, format] : formats)
        filters << words;
    QString chosen;
    const QString path =
        QFileDialog::getOpenFileName(this, tr("Import Profiles"), {}, filters.join(QStringLiteral(";;")), &chosen);
    if (!path.isEmpty())
        importFile(path, formats[std::max<qsizetype>(0, filters.indexOf(chosen))].second);
}

void MainWindow::importFile(const QString &path, ImportFormat format)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly) || file.size() > importBytesLimit) {
        QMessageBox::warning(
            this, tr("Import Profiles"),
            tr("%1 cannot be read: %2").arg(path, file.isOpen() ? tr("it is too large") : file.errorString()));
        return;
    }
    const auto read = importText(format, file.readAll());
    if (!read) {
        QMessageBox::warning(this, tr("Import Profiles"),
                             tr("Nothing is imported from %1: %2").arg(path, read.error()));
        return;
    }
    ProfileImport imported = *read;
    anchorFiles(imported, QFileInfo(path).absolutePath());
    const SavedImport saved = saveImport(imported, profileFolder());
    readProfilesAgain();
    const QString count = tr("%n profile(s) imported.", nullptr, int(saved.paths.size()));
    m_status->showMessage(count, noticeTime);
    const auto isFirst = [&saved](const ProfileEntry &entry) { return saved.paths.value(0) == entry.path; };
    const auto &profiles = m_profiles->profiles();
    const auto first = std::ranges::find_if(profiles, isFirst);
    if (first != profiles.end())
        m_profileList->setCurrentRow(int(first - profiles.begin()));
    const QStringList told = saved.problems + imported.notes;
    if (!told.isEmpty())
        QMessageBox::information(this, tr("Import Profiles"), count + QStringLiteral("\n\n") + told.join(u'\n'));
}

void MainWindow::duplicateProfile(int row)
{
    ProfileEntry profile = m_profiles->at(row);
    profile.key = m_feed.newKey();
    profile.connection = ClientConnection::Closed;
    profile.name = m_profiles->freeName(profile.name);
    profile.path.clear();
    profile.text.clear();
    profile.isChanged = true;
    // A second client under the same Client ID would take the first one's session over.
    if (!profile.values.clientId.isEmpty())
        profile.values.clientId = profile.name;
    profile.isChanged = true;
    m_profileList->setCurrentRow(m_profiles->add(profile));
}

void MainWindow::removeProfile(int row)
{
    const ProfileEntry profile = m_profiles->at(row);
    const ClientView *client = m_feed.client(profile.key);
    QStringList losses;
    if (client && (client->record || client->connection != ClientConnection::Closed))
        losses << tr("Its connection is broken, and its end of the session is forgotten.");
    if (!profile.path.isEmpty())
        losses << tr("Its file %1 goes to the wastebasket.").arg(profile.path);
    if (!losses.isEmpty() &&
        QMessageBox::question(this, tr("Remove profile"),
                              tr("Remove %1?").arg(profile.name) + u' ' + losses.join(u' ')) != QMessageBox::Yes)
        return;
    if (const auto wrong = removeFile(profile)) {
        QMessageBox::warning(this, tr("Remove profile"), *wrong);
        return;
    }
    m_pages->closeProfile(profile.key);
    m_profiles->remove(row);
    m_control.remove(profile.key);
}

} // namespace sessionscope
