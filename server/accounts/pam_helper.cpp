// The process in which PAM and its modules run.
#include "protocol/wipe.h"
#include "server/accounts/pam_process.h"

#include <fmt/format.h>
#include <security/pam_appl.h>

#include <sys/prctl.h>
#include <sys/socket.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string_view>

namespace mail::server {

namespace {

    struct Question {
        std::string name;
        std::string address;
        std::string password;
    };

    /// As PamProcess sends it; nullopt: it is not.
    std::optional<Question> read(std::string_view text)
    {
        auto const first = text.find('\0');
        auto const second = first == text.npos ? first : text.find('\0', first + 1);
        if (second == text.npos)
            return std::nullopt;
        return Question { std::string(text.substr(0, first)),
            std::string(text.substr(first + 1, second - first - 1)),
            std::string(text.substr(second + 1)) };
    }

    /// Modules ask for the name and the password, and tell things to nobody.
    int converse(int count, pam_message const** messages, pam_response** answers, void* asked)
    {
        auto const& question = *static_cast<Question const*>(asked);
        if (count <= 0 || count > PAM_MAX_NUM_MSG)
            return PAM_CONV_ERR;
        // malloc, since PAM frees it.
        auto* const all = static_cast<pam_response*>(
            std::calloc(static_cast<std::size_t>(count), sizeof(pam_response)));
        if (!all)
            return PAM_BUF_ERR;
        for (int i = 0; i < count; ++i) {
            auto const style = messages[i]->msg_style;
            if (style == PAM_PROMPT_ECHO_OFF)
                all[i].resp = ::strdup(question.password.c_str());
            else if (style == PAM_PROMPT_ECHO_ON)
                all[i].resp = ::strdup(question.name.c_str());
        }
        *answers = all;
        return PAM_SUCCESS;
    }

    /// Modules want wrong passwords to be answered late; the server sees to that itself, and here
    /// it would only keep others waiting.
    void no_delay(int, unsigned, void*) { }

    /// 'r', 'w' or 'd' (Verdict), or 'u' and why PAM cannot say.
    std::string read_code(pam_handle_t* handle, int code)
    {
        switch (code) {
        case PAM_SUCCESS:
            return "r";
        case PAM_AUTH_ERR:
        case PAM_USER_UNKNOWN:
        case PAM_MAXTRIES:
            return "w";
        case PAM_ACCT_EXPIRED:
        case PAM_PERM_DENIED:
        case PAM_NEW_AUTHTOK_REQD:
        case PAM_AUTHTOK_EXPIRED:
        case PAM_CRED_EXPIRED:
            return "d";
        default:
            return fmt::format("uPAM says: {}", ::pam_strerror(handle, code));
        }
    }

    std::string check(
        std::string const& service, std::filesystem::path const& folder, Question& question)
    {
        pam_conv const conversation { .conv = converse, .appdata_ptr = &question };
        pam_handle_t* handle = nullptr;
        int code = ::pam_start_confdir(
            service.c_str(), question.name.c_str(), &conversation, folder.c_str(), &handle);
        if (code != PAM_SUCCESS)
            return fmt::format("uPAM cannot start the service {}", service);
        ::pam_set_item(handle, PAM_FAIL_DELAY, reinterpret_cast<void const*>(&no_delay));
        ::pam_set_item(handle, PAM_TTY, "mailroom"); // some modules insist on one
        if (question.address != "local")
            ::pam_set_item(handle, PAM_RHOST, question.address.c_str());
        code = ::pam_authenticate(handle, PAM_SILENT);
        auto answer = read_code(handle, code);
        if (code == PAM_SUCCESS) {
            code = ::pam_acct_mgmt(handle, PAM_SILENT);
            answer = read_code(handle, code);
            if (answer == "w") // the password was right; the account is what is refused
                answer = "d";
        }
        ::pam_end(handle, code);
        return answer;
    }

} // namespace

int run_pam_helper(std::string const& service, std::filesystem::path const& folder)
{
    ::prctl(PR_SET_DUMPABLE, 0); // it holds passwords
    std::array<char, 8192> buffer;
    for (;;) {
        auto const got = ::recv(0, buffer.data(), buffer.size(), 0);
        if (got <= 0)
            return 0;
        auto question = read({ buffer.data(), static_cast<std::size_t>(got) });
        if (!question)
            return 1;
        auto const answer = check(service, folder, *question).substr(0, 500);
        wipe(question->password);
        ::OPENSSL_cleanse(buffer.data(), buffer.size());
        if (::send(0, answer.data(), answer.size(), MSG_NOSIGNAL) < 0)
            return 0;
    }
}

} // namespace mail::server
