using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Kixo.Functions;

/// <summary>Section <c>Kixo:Cors</c>.</summary>
internal sealed class CorsOptions
{
    /// <summary>
    /// Origins whose pages may post batches, comma-separated, such as <c>https://example.com,https://app.example.com</c>.
    /// Default <c>*</c>, all: a key for the web is in the page for anyone to read, wherever it is sent from.
    /// </summary>
    [Required]
    [RegularExpression(@"\*|\s*https?://[^/,\s]+\s*(,\s*https?://[^/,\s]+\s*)*")]
    public string AllowedOrigins { get; set; } = "*";
}

[OptionsValidator]
internal sealed partial class CorsOptionsValidator : IValidateOptions<CorsOptions>;
