using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Kixo.Batches;
using Kixo.RateLimiting;
using Microsoft.AspNetCore.Http;

namespace Kixo.Functions;

/// <summary>One answer of the Batch API: a status code, a JSON body, and the headers that go with them.</summary>
internal sealed class Answer : IResult
{
    private const int SecondsToRetryUnavailable = 2;

    private readonly int _statusCode;
    private readonly string? _message;
    private readonly bool _retryable;
    private readonly int? _retryAfter;
    private readonly int _accepted;
    private readonly int _rejected;
    private readonly int? _maxEvents;
    private readonly IReadOnlyList<FieldError>? _errors;
    private Permit? _permit;

    private Answer(
        int statusCode, string outcome, string? message = null, bool retryable = false, int? retryAfter = null, int accepted = 0,
        int rejected = 0, int? maxEvents = null, IReadOnlyList<FieldError>? errors = null)
    {
        (_statusCode, Outcome, _message, _retryable, _retryAfter) = (statusCode, outcome, message, retryable, retryAfter);
        (_accepted, _rejected, _maxEvents, _errors) = (accepted, rejected, maxEvents, errors);
    }

    /// <summary><c>ok</c>, or the error's code.</summary>
    public string Outcome { get; }

    public static Answer Accepted(EventLines lines) =>
        new(StatusCodes.Status200OK, "ok", accepted: lines.Accepted, rejected: lines.Rejected, errors: lines.Errors);

    public static Answer Refused(BatchProblem problem) => problem.Code switch
    {
        BatchProblem.PayloadTooLarge => new(StatusCodes.Status413PayloadTooLarge, problem.Code, problem.Message),
        BatchProblem.UnsupportedEncoding => new(StatusCodes.Status415UnsupportedMediaType, problem.Code, problem.Message),
        BatchProblem.TooManyEvents => new(
            StatusCodes.Status429TooManyRequests, problem.Code, problem.Message, maxEvents: BatchLimits.MaxEvents),
        _ => new(StatusCodes.Status400BadRequest, problem.Code, problem.Message, errors: problem.Errors),
    };

    public static Answer NotFound() => new(StatusCodes.Status404NotFound, "not_found", "There is nothing here. Batches go to POST /v1/batch.");

    public static Answer MethodNotAllowed(string methods) => new(
        StatusCodes.Status405MethodNotAllowed, "method_not_allowed", $"Expected one of {methods}.");

    public static Answer UnsupportedMediaType() => new(
        StatusCodes.Status415UnsupportedMediaType, "unsupported_media_type", "Content-Type: expected application/json.");

    public static Answer InvalidApiKey() => new(
        StatusCodes.Status401Unauthorized, "invalid_api_key", "project_id and api_key do not belong together, or the key is not valid any more.");

    public static Answer NotAllowed(string reason) => new(StatusCodes.Status403Forbidden, "not_allowed", reason);

    public static Answer RateLimited(Permit permit) => new(
        StatusCodes.Status429TooManyRequests, "rate_limited", $"Over {permit.Limit} requests in this second for this project. Retry later.",
        retryable: true, retryAfter: Seconds(permit.UntilNextWindow));

    public static Answer Unavailable() => new(
        StatusCodes.Status503ServiceUnavailable, "unavailable", "The batch could not be stored just now. Send it again: nothing was lost.",
        retryable: true, retryAfter: SecondsToRetryUnavailable);

    /// <summary>Adds the headers that say how much of the project's limit is left.</summary>
    public Answer With(Permit permit)
    {
        _permit = permit;
        return this;
    }

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = _statusCode;
        response.ContentType = "application/json";
        if (_retryAfter is int seconds)
        {
            response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        if (_permit is Permit permit)
        {
            response.Headers["RateLimit-Policy"] = string.Create(CultureInfo.InvariantCulture, $"\"project\";q={permit.Limit};w=1");
            response.Headers["RateLimit"] = string.Create(
                CultureInfo.InvariantCulture, $"\"project\";r={permit.Left};t={Seconds(permit.UntilNextWindow)}");
        }

        var body = new ArrayBufferWriter<byte>();
        WriteBody(body);
        response.ContentLength = body.WrittenCount;
        await response.BodyWriter.WriteAsync(body.WrittenMemory, httpContext.RequestAborted);
    }

    private static int Seconds(TimeSpan time) => (int)Math.Ceiling(time.TotalSeconds);

    private void WriteBody(ArrayBufferWriter<byte> body)
    {
        using var json = new Utf8JsonWriter(body);
        json.WriteStartObject();
        if (_statusCode == StatusCodes.Status200OK)
        {
            json.WriteString("status"u8, "ok"u8);
            json.WriteNumber("accepted"u8, _accepted);
            if (_rejected > 0)
            {
                json.WriteNumber("rejected"u8, _rejected);
            }
        }
        else
        {
            json.WriteString("status"u8, "error"u8);
            json.WriteString("code"u8, Outcome);
            json.WriteString("message"u8, _message);
            json.WriteBoolean("retryable"u8, _retryable);
            if (_maxEvents is int maxEvents)
            {
                json.WriteNumber("max_events"u8, maxEvents);
            }
        }

        if (_errors is { Count: > 0 })
        {
            json.WriteStartArray("errors"u8);
            foreach (var error in _errors)
            {
                Write(json, error);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, FieldError error)
    {
        json.WriteStartObject();
        if (error.Index is int index)
        {
            json.WriteNumber("index"u8, index);
        }

        if (error.Field is string field)
        {
            json.WriteString("field"u8, field);
        }

        json.WriteString("code"u8, error.Code);
        json.WriteString("message"u8, error.Message);
        json.WriteEndObject();
    }
}
