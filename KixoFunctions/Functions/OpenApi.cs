using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Net.Http.Headers;

namespace Kixo.Functions;

/// <summary>Serves the API's description, <c>docs/openapi.yaml</c> as JSON, to code generators and to whoever looks at the API.</summary>
internal sealed class OpenApi(Cors cors)
{
    private static readonly byte[] Document = Read();

    // A new release has new bytes, hence another tag.
    private static readonly EntityTagHeaderValue Tag = new($"\"{Convert.ToHexStringLower(SHA256.HashData(Document).AsSpan(0, 8))}\"");

    /// <summary>200 with the document, or 304 when <c>If-None-Match</c> names it.</summary>
    [Function(nameof(OpenApi))]
    public IResult Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = Routes.OpenApi)] HttpRequest request)
    {
        cors.Allow(request.HttpContext);
        request.HttpContext.Response.Headers.CacheControl = "public, max-age=3600";
        return Results.Bytes(Document, "application/json", entityTag: Tag);
    }

    private static byte[] Read()
    {
        using var resource = typeof(OpenApi).Assembly.GetManifestResourceStream("openapi.json")!;
        var document = new byte[resource.Length];
        resource.ReadExactly(document);
        return document;
    }
}
