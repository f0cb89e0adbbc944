namespace Kixo.Persistence;

/// <summary>What an append came to.</summary>
/// <param name="Messages">Messages that were new.</param>
/// <param name="Events">Their events.</param>
/// <param name="Repeated">Messages that were in the lake already.</param>
internal readonly record struct Appended(int Messages, long Events, int Repeated)
{
    public static Appended operator +(Appended a, Appended b) => new(a.Messages + b.Messages, a.Events + b.Events, a.Repeated + b.Repeated);
}
