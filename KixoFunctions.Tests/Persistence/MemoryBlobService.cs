using System.Net;
using System.Text;
using System.Web;
using System.Xml.Linq;

namespace Kixo.Tests.Persistence;

/// <summary>
/// Blob Storage's REST, as far as the app uses it of block blobs, in memory and behind the real client: staged blocks are no part
/// of a blob, a commit under conditions replaces the list and the metadata together, and discards every other staged block.
/// </summary>
internal sealed class MemoryBlobService : HttpMessageHandler
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, Blob> _blobs = new(StringComparer.Ordinal);
    private int _versions;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = request.Content is null ? [] : await request.Content.ReadAsByteArrayAsync(cancellationToken);
        var query = HttpUtility.ParseQueryString(request.RequestUri!.Query);
        lock (_lock)
        {
            var name = Uri.UnescapeDataString(request.RequestUri.AbsolutePath);
            return (request.Method.Method, query["comp"]) switch
            {
                ("GET", "list") => List(name, query["prefix"] ?? ""),
                ("GET", "blocklist") => Existing(name, blob => Xml(new("BlockList", new XElement("CommittedBlocks", blob.Blocks.Select(Block))))),
                ("GET", null) => Existing(name, blob => Described(blob, [.. blob.Blocks.SelectMany(block => block.Bytes)])),
                ("HEAD", null) => Existing(name, Headers),
                ("PUT", "block") => Stage(name, query["blockid"]!, body),
                ("PUT", "blocklist") => Commit(name, request, body),
                ("PUT", null) => Unless(Conflict(name, request), () => Write(name, request, [("", body)])),
                var other => throw new NotSupportedException($"{other} {request.RequestUri}"),
            };
        }
    }

    private HttpResponseMessage List(string container, string prefix) => Xml(new(
        "EnumerationResults",
        new XElement("Blobs", _blobs.Where(it => it.Value.Exists && it.Key.StartsWith($"{container}/{prefix}", StringComparison.Ordinal)).Select(it => new XElement(
            "Blob",
            new XElement("Name", it.Key[(container.Length + 1)..]),
            new XElement("Properties", new XElement("Last-Modified", "Wed, 08 Apr 2026 12:00:00 GMT"), new XElement("Etag", it.Value.ETag))))),
        new XElement("NextMarker")));

    private HttpResponseMessage Existing(string name, Func<Blob, HttpResponseMessage> answer) =>
        _blobs.TryGetValue(name, out var blob) && blob.Exists ? answer(blob) : Error(HttpStatusCode.NotFound, "BlobNotFound");

    private HttpResponseMessage Stage(string name, string id, byte[] bytes)
    {
        Of(name).Staged[id] = bytes;
        return new(HttpStatusCode.Created);
    }

    private HttpResponseMessage Commit(string name, HttpRequestMessage request, byte[] list) => Unless(Conflict(name, request), () =>
    {
        var blob = Of(name);
        var blocks = new List<(string, byte[])>();
        foreach (var id in XElement.Load(new MemoryStream(list)).Elements("Latest").Select(element => element.Value))
        {
            if (!blob.Staged.TryGetValue(id, out var bytes) && (bytes = blob.Blocks.FirstOrDefault(block => block.Id == id).Bytes) is null)
            {
                return Error(HttpStatusCode.BadRequest, "InvalidBlockList");
            }

            blocks.Add((id, bytes));
        }

        return Write(name, request, blocks);
    });

    private HttpResponseMessage Write(string name, HttpRequestMessage request, List<(string, byte[])> blocks)
    {
        var blob = Of(name);
        blob.Blocks = blocks;
        blob.Staged.Clear();
        blob.ETag = $"\"0x{++_versions:X}\"";
        blob.Metadata = [.. request.Headers.Where(header => header.Key.StartsWith("x-ms-meta-", StringComparison.Ordinal)).Select(header => (header.Key, header.Value.Single()))];
        return Described(blob, [], HttpStatusCode.Created);
    }

    private HttpResponseMessage? Conflict(string name, HttpRequestMessage request)
    {
        var blob = Of(name);
        return request.Headers.IfNoneMatch.Count > 0 && blob.Exists ? Error(HttpStatusCode.Conflict, "BlobAlreadyExists")
            : request.Headers.IfMatch.Count > 0 && (!blob.Exists || request.Headers.IfMatch.Single().Tag != blob.ETag) ? Error(HttpStatusCode.PreconditionFailed, "ConditionNotMet")
            : null;
    }

    private Blob Of(string name) => _blobs.TryGetValue(name, out var blob) ? blob : _blobs[name] = new();

    private static HttpResponseMessage Unless(HttpResponseMessage? conflict, Func<HttpResponseMessage> otherwise) => conflict ?? otherwise();

    private static XElement Block((string Id, byte[] Bytes) block) => new("Block", new XElement("Name", block.Id), new XElement("Size", block.Bytes.Length));

    private static HttpResponseMessage Headers(Blob blob)
    {
        var answer = Described(blob, []);
        answer.Content.Headers.ContentLength = blob.Blocks.Sum(block => block.Bytes.Length);
        return answer;
    }

    private static HttpResponseMessage Described(Blob blob, byte[] content, HttpStatusCode status = HttpStatusCode.OK)
    {
        var answer = new HttpResponseMessage(status) { Content = new ByteArrayContent(content) };
        answer.Headers.TryAddWithoutValidation("ETag", blob.ETag);
        answer.Headers.TryAddWithoutValidation("x-ms-blob-type", "BlockBlob");
        answer.Content.Headers.TryAddWithoutValidation("Last-Modified", "Wed, 08 Apr 2026 12:00:00 GMT");
        foreach (var (name, value) in blob.Metadata)
        {
            answer.Headers.TryAddWithoutValidation(name, value);
        }

        return answer;
    }

    private static HttpResponseMessage Xml(XElement root) =>
        new(HttpStatusCode.OK) { Content = new StringContent(root.ToString(), Encoding.UTF8, "application/xml") };

    private static HttpResponseMessage Error(HttpStatusCode status, string code)
    {
        var answer = new HttpResponseMessage(status) { Content = new ByteArrayContent([]) };
        answer.Headers.Add("x-ms-error-code", code);
        return answer;
    }

    private sealed class Blob
    {
        public Dictionary<string, byte[]> Staged { get; } = [];

        public List<(string Id, byte[] Bytes)> Blocks { get; set; } = [];

        public (string Name, string Value)[] Metadata { get; set; } = [];

        /// <summary>Null as long as nothing was committed: blocks alone make no blob.</summary>
        public string? ETag { get; set; }

        public bool Exists => ETag is not null;
    }
}
