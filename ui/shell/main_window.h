// The window: profiles and broker sessions at the left, pages in the middle, menus and status line around them.
// Owns everything but the engine. Remembers its layout and theme; profiles are files of their own.
#pragma once

#include "core/profile/import_files.h"
#include "ui/common/theme.h"
#include "ui/connect/profile_model.h"
#include "ui/shell/client_control.h"
#include "ui/shell/lab_feed.h"

#include <QMainWindow>

class QActionGroup;
class QDialog;
class QLabel;
class QToolBar;

namespace sessionscope {

class ClientActions;
class ClientPage;
class PageBook;
class Pill;
class ProfileList;
class ScenarioRecording;
class SessionList;
class StatusLine;

class MainWindow : public QMainWindow
{
    Q_OBJECT

public:
    /// engine outlives the window. The bundled broker is asked to listen at once; port 0 means any free one.
    MainWindow(Engine &engine, const Endpoint &listen, QWidget *parent = nullptr);
    ~MainWindow() override;

    PageBook *pages() const { return m_pages; }
    ProfileModel *profiles() const { return m_profiles; }
    SessionList *sessions() const { return m_sessions; }
    ClientActions *clientActions() const { return m_actions; }
    QAction *recordAction() const { return m_record; }
    LabFeed &feed() { return m_feed; }
    void setTheme(ThemeChoice choice);
    /// Makes profiles of what another program keeps in a file, and tells what came of it.
    void importFile(const QString &path, ImportFormat format);
    /// How passwords are read that a profile has in the desktop's keyring.
    void setSecretWays(const SecretWays &ways) { m_control.setSecretWays(ways); }

protected:
    void changeEvent(QEvent *event) override;
    void closeEvent(QCloseEvent *event) override;

private:
    /// How long the status line tells about a file, in milliseconds.
    static constexpr int noticeTime = 10'000;

    void buildSidebar();
    void buildToolBar();
    void buildMenus();
    void buildFileMenu();
    void buildViewMenu();
    void buildThemeMenu(QMenu *view);
    void buildBrokerMenu();
    void buildScenarioMenu();
    void buildRecording(QToolBar *bar);
    void buildHelpMenu();
    void connectFeed();
    void connectClient();
    void connectProfiles();

    void showListening(const QString &url);
    void showListenFailure(const QString &why);
    void showView();
    void requestConnect();
    void requestDisconnect(ReasonCode reason, ExpiryKind kind);
    void addProfile();
    void importProfiles();
    void duplicateProfile(int row);
    void removeProfile(int row);
    void readProfiles();
    /// Takes over what somebody else wrote: new files, and those that nobody works on here.
    void readProfilesAgain();
    bool saveProfile(int row);
    /// What becomes of a file that somebody else changed; nothing: neither, for now.
    enum class Theirs : quint8
    {
        Overwritten,
        Loaded
    };
    std::optional<Theirs> askAboutTheirs(const ProfileEntry &entry);
    /// Whether the window may close.
    bool saveBeforeClosing();
    void record(bool on);
    /// Shows what was recorded in a dialog of its own.
    QDialog *stopRecording();
    void showRecording();
    void updateTitle();
    void readSettings();
    void resetLayout();
    void showAbout();

    LabFeed m_feed;
    ProfileModel *m_profiles;
    ClientControl m_control;
    ClientActions *m_actions;
    PageBook *m_pages;
    ProfileList *m_profileList;
    SessionList *m_sessions;
    StatusLine *m_status;
    ScenarioRecording *m_recording;
    QAction *m_record = nullptr;
    Pill *m_brokerPill = nullptr;
    QLabel *m_brokerCounts = nullptr;
    QActionGroup *m_themes = nullptr;
    Endpoint m_listen;
    bool m_triedFreePort = false;
    QByteArray m_defaultState;
};

} // namespace sessionscope
