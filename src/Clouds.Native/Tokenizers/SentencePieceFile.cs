using Clouds.Diagnostics;

namespace Clouds.Native.Tokenizers;

/// <summary>What a piece of SentencePiece's is; the numbers are its own.</summary>
internal enum PieceKind
{
    Normal = 1,
    Unknown = 2,
    Control = 3,
    UserDefined = 4,
    Unused = 5,
    Byte = 6,
}

/// <summary>A piece of a vocabulary.</summary>
/// <param name="Text">Its characters, U+2581 for spaces.</param>
/// <param name="Score">Pieces of a higher score are merged earlier.</param>
/// <param name="Kind">What it is.</param>
internal readonly record struct Piece(string Text, float Score, PieceKind Kind);

/// <summary>A tokenizer.model: what SentencePiece's protocol buffer says, of byte-pair models (sentencepiece_model.proto, Kudo and Richardson 2018).</summary>
internal sealed class SentencePieceFile
{
    private const int BytePairs = 2;

    /// <summary>The pieces; their places are their ids.</summary>
    public List<Piece> Pieces { get; } = [];

    /// <summary>Whether characters without a piece are written as bytes.</summary>
    public bool ByteFallback { get; private set; }

    /// <summary>Whether a space is put in front of texts.</summary>
    public bool DummyPrefix { get; private set; } = true;

    /// <summary>Whether spaces at the ends and behind spaces are left out.</summary>
    public bool RemovesExtraSpaces { get; private set; } = true;

    /// <summary>Whether spaces become U+2581.</summary>
    public bool EscapesSpaces { get; private set; } = true;

    /// <summary>What the unknown piece is read as.</summary>
    public string UnknownText { get; private set; } = " \u2047 ";

    /// <summary>Id of the piece in front of texts; -1: there is none.</summary>
    public int Start { get; private set; } = 1;

    /// <summary>Id of the piece behind texts; -1: there is none.</summary>
    public int End { get; private set; } = 2;

    private int ModelKind { get; set; } = 1;

    private bool HasCharacterMap { get; set; }

    private bool SpacesBehind { get; set; }

    /// <summary>Reads a file.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="name">Its name in messages.</param>
    /// <exception cref="CloudsException">BadInput: damaged, no such file, or a model of another kind.</exception>
    public static SentencePieceFile Read(byte[] bytes, string name)
    {
        SentencePieceFile file = new();
        try
        {
            file.TakeModel(new MessageFields(bytes));
        }
        catch (FormatException e)
        {
            throw Damaged(name, e.Message, "a model that SentencePiece wrote", e);
        }

        file.Require(name);
        return file;
    }

    private void Require(string name)
    {
        string? fault = Pieces.Count == 0 ? "no pieces"
            : ModelKind != BytePairs ? $"a model of kind {ModelKind} ({(ModelKind == 1 ? "unigram" : ModelKind == 3 ? "words" : "characters")})"
            : HasCharacterMap ? "a map of characters (nmt_nfkc or another rule than identity)"
            : SpacesBehind ? "spaces behind words"
            : Pieces.Exists(piece => piece.Text.Length == 0) ? "an empty piece"
            : Pieces.Count(piece => piece.Kind == PieceKind.Unknown) != 1 ? $"{Pieces.Count(piece => piece.Kind == PieceKind.Unknown)} unknown pieces"
            : Pieces.Select(piece => piece.Text).Distinct(StringComparer.Ordinal).Count() != Pieces.Count ? "a piece twice"
            : ByteFallback && Pieces.Count(piece => piece.Kind == PieceKind.Byte) != 256 ? "bytes without a piece"
            : null;
        if (fault is not null)
        {
            throw Damaged(name, fault, "a byte-pair model with the identity as its normalisation, as Llama's and Mistral's are");
        }

        (Start, End) = (Known(Start), Known(End));
    }

    private int Known(int id) => id >= 0 && id < Pieces.Count ? id : -1;

    private void TakeModel(MessageFields fields)
    {
        while (fields.Next())
        {
            switch (fields.Field)
            {
                case 1:
                    Pieces.Add(ReadPiece(new MessageFields(fields.Bytes)));
                    break;
                case 2:
                    TakeTrainer(new MessageFields(fields.Bytes));
                    break;
                case 3:
                    TakeNormalizer(new MessageFields(fields.Bytes));
                    break;
                default:
                    break;
            }
        }
    }

    private static Piece ReadPiece(MessageFields fields)
    {
        Piece piece = new("", 0, PieceKind.Normal);
        while (fields.Next())
        {
            piece = fields.Field switch
            {
                1 => piece with { Text = fields.Text },
                2 => piece with { Score = fields.Single },
                3 => piece with { Kind = (PieceKind)fields.Number },
                _ => piece,
            };
        }

        return Enum.IsDefined(piece.Kind) && !float.IsNaN(piece.Score) ? piece
            : throw new FormatException($"the piece '{piece.Text}' of kind {(int)piece.Kind} with the score {piece.Score}");
    }

    private void TakeTrainer(MessageFields fields)
    {
        while (fields.Next())
        {
            switch (fields.Field)
            {
                case 3:
                    ModelKind = fields.Number;
                    break;
                case 24:
                    SpacesBehind = fields.Number != 0;
                    break;
                case 35:
                    ByteFallback = fields.Number != 0;
                    break;
                case 41:
                    Start = fields.Number;
                    break;
                case 42:
                    End = fields.Number;
                    break;
                case 44:
                    UnknownText = fields.Text;
                    break;
                default:
                    break;
            }
        }
    }

    private void TakeNormalizer(MessageFields fields)
    {
        while (fields.Next())
        {
            switch (fields.Field)
            {
                case 2:
                    HasCharacterMap = !fields.Bytes.IsEmpty;
                    break;
                case 3:
                    DummyPrefix = fields.Number != 0;
                    break;
                case 4:
                    RemovesExtraSpaces = fields.Number != 0;
                    break;
                case 5:
                    EscapesSpaces = fields.Number != 0;
                    break;
                default:
                    break;
            }
        }
    }

    private static CloudsException Damaged(string name, string found, string expected, Exception? inner = null) =>
        new(Failure.BadInput, "the tokenizer cannot be used", name, found, expected, "fetch the tokenizer.model of this language model again", inner);
}
