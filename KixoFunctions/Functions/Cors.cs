using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Kixo.Functions;

/// <summary>
/// Cross-origin answers, for pages that post with <c>fetch</c> or <c>sendBeacon</c>. Done here and not by the platform, so that
/// a local run, a deployment and an error answer behave alike.
/// </summary>
internal sealed class Cors(IOptions<CorsOptions> options)
{
    // Browsers keep a preflight's answer for two hours at most (Chromium).
    private const string PreflightSeconds = "7200";

    private readonly HashSet<string> _origins =
        [.. options.Value.AllowedOrigins.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];

    /// <summary>Lets the page read the answer, and the headers that say when to come again, if its origin may.</summary>
    /// <returns>Whether it may.</returns>
    public bool Allow(HttpContext http)
    {
        var origin = http.Request.Headers.Origin.ToString();
        var headers = http.Response.Headers;
        if (_origins.Contains("*"))
        {
            headers.AccessControlAllowOrigin = "*";
        }
        else
        {
            headers.Vary = "Origin";
            if (!_origins.Contains(origin))
            {
                return false;
            }

            headers.AccessControlAllowOrigin = origin;
        }

        headers.AccessControlExposeHeaders = "Retry-After, RateLimit, RateLimit-Policy";
        return true;
    }

    /// <summary>Says to a preflight what the page may send.</summary>
    /// <param name="methods">The route's methods.</param>
    public static void AllowToSend(HttpContext http, string methods)
    {
        var headers = http.Response.Headers;
        headers.AccessControlAllowMethods = methods;
        headers.AccessControlAllowHeaders = "Content-Type, Content-Encoding";
        headers.AccessControlMaxAge = PreflightSeconds;
    }
}
