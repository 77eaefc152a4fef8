/** The mark: a cubic cage, nodes and linkers. */
export function Brand() {
  return (
    <svg className="brand" viewBox="0 0 32 32" aria-hidden="true">
      <path d="M7 11h12v13H7ZM13 6h12v13M7 11l6-5M19 11l6-5M19 24l6-5" />
      {[
        [7, 11],
        [19, 11],
        [7, 24],
        [19, 24],
        [13, 6],
        [25, 6],
        [25, 19],
      ].map(([x, y]) => (
        <circle key={`${x},${y}`} cx={x} cy={y} r="2.6" />
      ))}
    </svg>
  );
}
