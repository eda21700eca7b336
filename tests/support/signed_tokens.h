// Tokens and their keys, made by PyJWT and by the `cryptography` package of Python. Of the private
// keys none is kept.
#pragma once

#include <array>
#include <string_view>

namespace mail::test {

inline constexpr std::string_view jwk_set
    = R"({"keys": [{"kty": "RSA","kid": "rsa","use": "sig","n": "sjSpzrMYXaIsE-t8fuILoups1ybDFy7U8_Qy8sJXV9Ow3HIcpeCFeGZNz2k2LVMlTL6_FirfKD1PZTH1oCxCBfNRVs1fJOE4QvYlWcb4XPIGO6C3gGW352ux1Cw8XPXImC6hnJPMjdzGBEqe72CbBzGX60EQDWmJKOPtZdSyGEuHKgpp_mh4tdHPz4SVBbdpDxWLHQTAsJHNtpzmgRo9fQ1cNxSb9pguau6xW1hbjKg-f6nbc2FiQuzsa5MSRrQW49N8iZTHgaE_7hEW4YmzX4KHbKuba9tLA0MjUEe9KfuolnrLd5cScfn7K6K0XTCbmU6R1VFxgrQFK5tHARSTEw","e": "AQAB"},{"kty": "EC","kid": "p256","crv": "P-256","x": "hRKyMZgF0zcklpp5BgWbxmHiaUXDB3yVq_1prm_E_P4","y": "tEraE8gW9mfCmKthEzpFlEapGTR_syzQ6giojZoJk9s"},{"kty": "EC","kid": "p384","crv": "P-384","x": "xWNu4IFsscvkvXs7NprKJMaR1yrj0kHiaMeWTTsyu_16uqgGnz7tzFzmvJsNsbgG","y": "JEBX_xiQ2wOQyMtndrQCmHhyHJm0Hin1cJHAIFMkFcN3YqqcJFeFZvQkHDSnlY4X"},{"kty": "EC","kid": "p521","crv": "P-521","x": "AVBmuujxvzZXruQLhjq_AcM61TZL043aTz1b4PbjKN8sC5eITHJzS2VahTpWYpBfe2H4lGjUCWwclPQe7dzbLbGl","y": "ADQIPWwW42OqDed6dgo9OWUn6oKP2TNBnu_OvufFNPPISZDlTT0sKfN8F1Hm4QS2GmiAcOU38XZXSO-JiKUk0TYX"},{"kty": "OKP","kid": "ed25519","crv": "Ed25519","x": "ZQR23TwdGZLN1X3r8VH5ROkdKbRjlDZHPuU97E2sENg"},{"kty": "OKP","kid": "ed448","crv": "Ed448","x": "GJkk453CLYcb91dmkVXXSED-kw8FsgT8bIXXeOkq5-CYdoK6BaWBnPyujwZtrmLFB32ygVvr0DeA"}]})";

inline constexpr std::string_view small_rsa_set
    = R"({"keys": [{"kty": "RSA", "kid": "small", "n": "w0m3qjP3qrYrO2KEvgUdGO0u7iU1lvgDDyMmk_hIMnxvZsRxF3L0zyVjHY-jewMeQowNy6DUzTytyUnwP5KsKA6hYjgT6PPyu5QVxy9dbLT2ZteJ0yvfAVAWl6iAcuRVXQPViH1Lc97f9z4qVcDGHgPbnxqu2YiKPz5ftwme23U", "e": "AQAB"}]})";

struct SignedToken {
    std::string_view algorithm;
    std::string_view key; ///< its "kid"
    std::string_view token;
};

/// They say: {"iss": "https://login.example.org", "aud": "mailroom", "exp": 4102444800, "email":
/// "alice@example.org"}
inline constexpr auto signed_tokens = std::to_array<SignedToken>({
    { "RS256", "rsa",
        "eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYSIsInR5cCI6IkpXVCJ9."
        "eyJpc3MiOiJodHRwczovL2xvZ2luLmV4YW1wbGUub3JnIiwiYXVkIjoibWFpbHJvb20iLCJleHAiOjQxMDI0NDQ4MD"
        "AsImVtYWlsIjoiYWxpY2VAZXhhbXBsZS5vcmcifQ.sLHxTiXNSF-"
        "RG9pL0XPE38XtUGXptsjnfCYZGx9wiPgLV38SorZjyYFe0AFxbCqZcOaQhPRSUVnIiOjH6KTgylSQ1BpQLLPd3Xclp"
        "O8q3CtDtGBcs2KpfkQWy4-Q8XK0XrdmZm7xMHw8Iirh-_BnS6x5vyQnuBu1ADRYRFc-ilXsQ_"
        "OvVZm3eag1zweU9d2zPfTqUnXZbtsQeYl0F0C6fxxZbRzuQFXj3zaHKkWnQPR-sRXZcKESeqWV_1yxOTkS-"
        "4IqNzPVoPU7UseudPxwTcnHLuQERfOwuZzfPiXenw16yumNKxysyrcTLwBJn2PaXAbyoZYWPYIGxZUMSqLjzA" },
    { "RS384", "rsa",
        "eyJhbGciOiJSUzM4NCIsImtpZCI6InJzYSIsInR5cCI6IkpXVCJ9."
        "eyJpc3MiOiJodHRwczovL2xvZ2luLmV4YW1wbGUub3JnIiwiYXVkIjoibWFpbHJvb20iLCJleHAiOjQxMDI0NDQ4MD"
        "AsImVtYWlsIjoiYWxpY2VAZXhhbXBsZS5vcmcifQ."
        "n36ughrjZtk46ZAfacjjCnXqDq60KPHZPWpy5hb7HPjdsd9inVdlHdogAuy4bbx2eWWE3yzUlp7WIAy-B_PS097T-"
        "8wshsyv0AO93W9lZLTpfV1QPXobgUIGEn2ROU7D3CQqRT4EPe4l3LwBbhSAlzxuRyt9hYSOJZslPK38s0HsFnwi8ih"
        "RkUjStCwU3YhD1DNFrjVlibuk0Ya49Qq5y2RWpYCI_"
        "SIHIn6KnInEgbjUvi85jJaqINck0YR2Ef34SVQCwCsYytJQU_er3Ifkx7A2DzoN3sqZXXD0cSaXWDYdmZdzqxt71e-"
        "a9v6f3xblkZ3zVDGpaLX5FqslG2qoPw" },
    { "RS512", "rsa",
        "eyJhbGciOiJSUzUxMiIsImtpZCI6InJzYSIsInR5cCI6IkpXVCJ9."
        "eyJpc3MiOiJodHRwczovL2xvZ2luLmV4YW1wbGUub3JnIiwiYXVkIjoibWFpbHJvb20iLCJleHAiOjQxMDI0NDQ4MD"
        "AsImVtYWlsIjoiYWxpY2VAZXhhbXBsZS5vcmcifQ.RytUXf7RdBEkr1YFH0V0w-pgGVjte6zcvw_"
        "YqkrWjsHSCkEjBsl9Tpjqu9x5XtW3NFaM6Yj0bkfqz1-TIYhrK714s5B7qE-gE0TX2TjHGLP9hSF1L_"
        "s05aUoUds5zfQsPNtsP9GUvBUXVC6kZfTzEercG_hNLo4_AXacIBH3VA0RSZtQyhASDRSV5_"
        "nrXotVikuDduXZ1syIWaRvKYB-Fv5q0NqRFqC6vsBxOHtPaa-"
        "V1myIBdOOgl7gJ5jGXyl2ZNv75pHmaJqv0BXpSvCH57vehu5Na35-zgo9OuLh7QQnBfM016L8-"
        "1npjTYspfqWMipvxipJT9KJG99P1ADmJw" },
    { "PS256", "rsa",
        "eyJhbGciOiJQUzI1NiIsImtpZCI6InJzYSIsInR5cCI6IkpXVCJ9."
        "eyJpc3MiOiJodHRwczovL2xvZ2luLmV4YW1wbGUub3JnIiwiYXVkIjoibWFpbHJvb20iLCJleHAiOjQxMDI0NDQ4MD"
        "AsImVtYWlsIjoiYWxpY2VAZXhhbXBsZS5vcmcifQ.WdOh3qiIpm7hjv97lFm8UryXaob4mpbZuhD7eqEsyCJjp-"
        "2UNtdbcZWoe3rc-2aj1JTiS8cHHU9TTMreK_"
        "rB2645JXDadz2LRqiqyNNSmqQlBiAMkpVMPvnJznJDpO5lmNnmx8jK8W7hc3pN3DlO_6EuXqPvsN-"
        "KGGO0yKTTDgiSXzgIz-WAsgej7d8fMCjNfM4nWc1Fun-Ah734Tf817w_4S6isioGqrYvFXg71MJir0OI-io4Uf4-"
        "rScd3rPQ7fqabEk4YIK8VmBxt6SFpizkBZ-QLQxhkUDo97ElfbHpugOrqJHc78WU_-27pD81SS07cVQEQ4PPIXbnE_"
        "CirpQ" },
    { "PS384", "rsa",
        "eyJhbGciOiJQUzM4NCIsImtpZCI6InJzYSIsInR5cCI6IkpXVCJ9."
        "eyJpc3MiOiJodHRwczovL2xvZ2luLmV4YW1wbGUub3JnIiwiYXVkIjoibWFpbHJvb20iLCJleHAiOjQxMDI0NDQ4MD"
        "AsImVtYWlsIjoiYWxpY2VAZXhhbXBsZS5vcmcifQ.Am9joG8AieCtT0Skq406G9VQnuWdQlOAvy_"
        "4EBwHKFkKCg6OsYWnQKs-"
        "e6lPujVRMozb7QZWBzxea8TpVu2QOkdZG0mK95NT17tXlKyIBM438N0ecFCFQWHAYhfZNm5NT5yKrwjVcLW9gx8NUz"
        "NLibxEwcwrytWVVItlu1Ycrdw7eHXRIdioPibPuLYTRhlH4ykvf3KYGaIAsqKoJ_"
        "ogC6Iqdz2YLkPpOcySa7MiSPUTdOfY3rxHC5HxDPq1zclRbAK0utkhEFiKkjZbioFOPae-R5x01ZK44fhxwX-MV_"
        "F6m3r4P4P1JVHEW-6JfUxlQdfIpii8MryXwvvSRosocQ" },
    { "PS512", "rsa",
        "eyJhbGciOiJQUzUxMiIsImtpZCI6InJzYSIsInR5cCI6IkpXVCJ9."
        "eyJpc3MiOiJodHRwczovL2xvZ2luLmV4YW1wbGUub3JnIiwiYXVkIjoibWFpbHJvb20iLCJleHAiOjQxMDI0NDQ4MD"
        "AsImVtYWlsIjoiYWxpY2VAZXhhbXBsZS5vcmcifQ.df4XgQ_u8VSTK3iGWQQ8hp35IogiHvR59R_"
        "xESl31TEqE3ffSDKFGfxTfJ2k6n6Q07F6jwMNkElXIfU8FN3PTMzeFEbiD-qu_LZOqGc-mnt1GCHe68cRCYoEiUFI-"
        "FniIvcSIuerncGMFdrf1nOMXsDzkbrBFOv35WtHLdp5Y3U60KaNZVN6IfWTtAHcxAGF4mbte9-9vW-JcM_"
        "l7QYl4xkF6rw1TEsN_fThkcPXKBR6lvwn6iTidOKn-Oa-DfB5YNuPQflo-6bnUVCEpCHdfT-ORM82peoKS0e9__"
        "vtEM6OZs_zptxL9o1wGb7jgZ-YJNlIreZQqZmZLhfMaqZ-hA" },
    { "ES256", "p256",
        "eyJhbGciOiJFUzI1NiIsImtpZCI6InAyNTYiLCJ0eXAiOiJKV1QifQ."
        "eyJpc3MiOiJodHRwczovL2xvZ2luLmV4YW1wbGUub3JnIiwiYXVkIjoibWFpbHJvb20iLCJleHAiOjQxMDI0NDQ4MD"
        "AsImVtYWlsIjoiYWxpY2VAZXhhbXBsZS5vcmcifQ.SSwTiINmeYfdpjLjV4Ah8Fzwx9loQym_"
        "cpIIaw6L4kvXO1PY1CHsahbqRIbUpx5gQrXj0BWvaEazXpYOyTnZMg" },
    { "ES384", "p384",
        "eyJhbGciOiJFUzM4NCIsImtpZCI6InAzODQiLCJ0eXAiOiJKV1QifQ."
        "eyJpc3MiOiJodHRwczovL2xvZ2luLmV4YW1wbGUub3JnIiwiYXVkIjoibWFpbHJvb20iLCJleHAiOjQxMDI0NDQ4MD"
        "AsImVtYWlsIjoiYWxpY2VAZXhhbXBsZS5vcmcifQ."
        "llJlo8Gf4WWfI1zwmwevXnN1rgCnboVzqoMM8yxLVtnFP3es8fx_B3FU-gGUYgrB-Habqnzb4D_ST6_"
        "HeH2qpJAl3UrH8RNZqPfVBYiWZWjYB8if2wf2zbw3k0bNBos2" },
    { "ES512", "p521",
        "eyJhbGciOiJFUzUxMiIsImtpZCI6InA1MjEiLCJ0eXAiOiJKV1QifQ."
        "eyJpc3MiOiJodHRwczovL2xvZ2luLmV4YW1wbGUub3JnIiwiYXVkIjoibWFpbHJvb20iLCJleHAiOjQxMDI0NDQ4MD"
        "AsImVtYWlsIjoiYWxpY2VAZXhhbXBsZS5vcmcifQ."
        "AUQW861SxTdpPS7Oedhqteqfk4V5wdqUY016a4hnmjncBARMSIZChz5M-fMrt9oqiHpuKIyEMnVN-5msX_"
        "FMZ7zTAa5qSEhK7DqYySoDHu9SAceTUu5QiSJ2xzcgbXUF8jhwyR7BxN2CIkbwZIu07QXq0_wML-cP-"
        "tjNUEDtxHmFyuOU" },
    { "EdDSA", "ed25519",
        "eyJhbGciOiJFZERTQSIsImtpZCI6ImVkMjU1MTkiLCJ0eXAiOiJKV1QifQ."
        "eyJpc3MiOiJodHRwczovL2xvZ2luLmV4YW1wbGUub3JnIiwiYXVkIjoibWFpbHJvb20iLCJleHAiOjQxMDI0NDQ4MD"
        "AsImVtYWlsIjoiYWxpY2VAZXhhbXBsZS5vcmcifQ.ATcELm7TaWaPmlnLZrIMh36VIUafWJ2ezDA5vhGf6KZpj-"
        "WkREqUmGOER2w2F2QM9rSrRPvnHdPVXQ6QyGi8DA" },
    { "EdDSA", "ed448",
        "eyJhbGciOiJFZERTQSIsImtpZCI6ImVkNDQ4IiwidHlwIjoiSldUIn0."
        "eyJpc3MiOiJodHRwczovL2xvZ2luLmV4YW1wbGUub3JnIiwiYXVkIjoibWFpbHJvb20iLCJleHAiOjQxMDI0NDQ4MD"
        "AsImVtYWlsIjoiYWxpY2VAZXhhbXBsZS5vcmcifQ.u7Jeu3yAaDQpw4fPz8ze9zze1HK6IFiq0u-"
        "MogLG8RaEZdXXATWTzx5i3_P_"
        "6SnjWHr6PLna4qmAw1V8OZmKTD58qKwHMAmQqTy0NlY6yWxbZFWO0g7YMNWAxNW2fENvuIyyZ6JlJNMRuEDe011G-"
        "BwA" },
});

inline constexpr std::string_view no_kid_token
    = "eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9."
      "eyJpc3MiOiJodHRwczovL2xvZ2luLmV4YW1wbGUub3JnIiwiYXVkIjoibWFpbHJvb20iLCJleHAiOjQxMDI0NDQ4MDAs"
      "ImVtYWlsIjoiYWxpY2VAZXhhbXBsZS5vcmcifQ.iRwDNxR7-T9A9de_"
      "EDXk2mPEkcsJ426LY1QE6iFGHbGXyvjPfy7r5GWUw1RiEIbdmFrqw-VcVmfuk_NAmM7muA";
inline constexpr std::string_view access_token
    = "eyJhbGciOiJFZERTQSIsImtpZCI6ImVkMjU1MTkiLCJ0eXAiOiJhdCtqd3QifQ."
      "eyJpc3MiOiJodHRwczovL2xvZ2luLmV4YW1wbGUub3JnIiwiYXVkIjoibWFpbHJvb20iLCJleHAiOjQxMDI0NDQ4MDAs"
      "ImVtYWlsIjoiYWxpY2VAZXhhbXBsZS5vcmcifQ.QE3rGg0kGcMlFZ1YG3eZ2Qz01c9WIW4-"
      "rFjtP27Kn2QiXT0RNJBxYadVAbawF0pkGWZSuuJnogNGCNbb-Y57BA";
inline constexpr std::string_view logout_token
    = "eyJhbGciOiJFZERTQSIsImtpZCI6ImVkMjU1MTkiLCJ0eXAiOiJsb2dvdXQrand0In0."
      "eyJpc3MiOiJodHRwczovL2xvZ2luLmV4YW1wbGUub3JnIiwiYXVkIjoibWFpbHJvb20iLCJleHAiOjQxMDI0NDQ4MDAs"
      "ImVtYWlsIjoiYWxpY2VAZXhhbXBsZS5vcmcifQ.Hdrqdo1M8ICsjquYtRRNf6TNpPni0GKtCWtfY-"
      "IkWbZYciNiqWJoPWvcTBZhLcLV2eJ1yJa4zxb92z9s9k3uCg";
inline constexpr std::string_view critical_token
    = "eyJhbGciOiJFZERTQSIsImNyaXQiOlsiZXhwIl0sImtpZCI6ImVkMjU1MTkiLCJ0eXAiOiJKV1QifQ."
      "eyJpc3MiOiJodHRwczovL2xvZ2luLmV4YW1wbGUub3JnIiwiYXVkIjoibWFpbHJvb20iLCJleHAiOjQxMDI0NDQ4MDAs"
      "ImVtYWlsIjoiYWxpY2VAZXhhbXBsZS5vcmcifQ.SBqHFuE3aQfU2PVSycz1mSu9KLHBzpuus3HYcNUj3Ph-"
      "GukAzcHZqZ1aABy5zniJRBFXn7VJucSBTeNe53BTCA";
inline constexpr std::string_view unknown_key_token
    = "eyJhbGciOiJFZERTQSIsImtpZCI6ImFub3RoZXIiLCJ0eXAiOiJKV1QifQ."
      "eyJpc3MiOiJodHRwczovL2xvZ2luLmV4YW1wbGUub3JnIiwiYXVkIjoibWFpbHJvb20iLCJleHAiOjQxMDI0NDQ4MDAs"
      "ImVtYWlsIjoiYWxpY2VAZXhhbXBsZS5vcmcifQ.Xdll3jpGq0nkU9NZ22mTEdqxsMiVl_"
      "4nkKmMZqmht1bkjNAqhaB36PQH1hkcxTKRTaE0uUGq7k37KiFD8n16DQ";
inline constexpr std::string_view wrong_key_token
    = "eyJhbGciOiJFUzI1NiIsImtpZCI6InAyNTYiLCJ0eXAiOiJKV1QifQ."
      "eyJpc3MiOiJodHRwczovL2xvZ2luLmV4YW1wbGUub3JnIiwiYXVkIjoibWFpbHJvb20iLCJleHAiOjQxMDI0NDQ4MDAs"
      "ImVtYWlsIjoiYWxpY2VAZXhhbXBsZS5vcmcifQ.-ehoiu_56dGYnasHGC1vjfTNPvMRnlkZf00BqHj6HdP_"
      "s5onzrakh34wUrcoVKZnwaWkpC4Iy842eVUApxddPw";
inline constexpr std::string_view none_token
    = "eyJhbGciOiJub25lIiwia2lkIjoicnNhIiwidHlwIjoiSldUIn0."
      "eyJpc3MiOiJodHRwczovL2xvZ2luLmV4YW1wbGUub3JnIiwiYXVkIjoibWFpbHJvb20iLCJleHAiOjQxMDI0NDQ4MDAs"
      "ImVtYWlsIjoiYWxpY2VAZXhhbXBsZS5vcmcifQ.";
inline constexpr std::string_view shared_secret_token
    = "eyJhbGciOiJIUzI1NiIsImtpZCI6InJzYSIsInR5cCI6IkpXVCJ9."
      "eyJpc3MiOiJodHRwczovL2xvZ2luLmV4YW1wbGUub3JnIiwiYXVkIjoibWFpbHJvb20iLCJleHAiOjQxMDI0NDQ4MDAs"
      "ImVtYWlsIjoiYWxpY2VAZXhhbXBsZS5vcmcifQ.Idx5jbvqhgkQwpyIYAGhJ0jzVez3ysNa3VV1kcwC2NU";

} // namespace mail::test
