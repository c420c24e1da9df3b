import { describe, expect, it } from 'vitest'
import { nearest } from '../../src/core/nearest.ts'

const boards = ['rk3399', 'rk3588', 'raspberry-pi-4', 'raspberry-pi-5', 'jetson-nano', 'jetson-orin-nano']

describe('nearest', () => {
  it('finds misspelt names, the closest first', () => {
    expect(nearest('rk3558', boards)).toEqual(['rk3588'])
    expect(nearest('raspbery-pi-5', boards)).toEqual(['raspberry-pi-5', 'raspberry-pi-4'])
    expect(nearest('Jetson-Nano', boards)).toEqual(['jetson-nano'])
  })

  it('finds names that hold the text, or that it holds', () => {
    expect(nearest('pi', boards)).toEqual(['raspberry-pi-4', 'raspberry-pi-5'])
    expect(nearest('rk3588s', boards)).toEqual(['rk3588'])
  })

  it('finds nothing where nothing is near, and three at most', () => {
    expect(nearest('x', boards)).toEqual([])
    expect(nearest('beaglebone', boards)).toEqual([])
    expect(nearest('aa', ['aa1', 'aa2', 'aa3', 'aa4'])).toEqual(['aa1', 'aa2', 'aa3'])
  })
})
